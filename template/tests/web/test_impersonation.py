"""Staff who work as a user: who may, what they may not, and how it is written down."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from core.teams.roles import Role, Scope
from tests.web.conftest import make_user
from web.accounts.models import AccessToken, User
from web.audit.models import Entry
from web.teams.models import Team

BANNER = "You are working as"


@pytest.fixture
def team(user: User) -> Team:
    return Team.objects.create_for(user, "Acme")


@pytest.fixture
def helper(db: None) -> User:
    """A member of staff who was given the permission."""
    helper = make_user("helper@example.com", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="impersonate"))
    return helper


@pytest.fixture
def desk(helper: User) -> Client:
    """The helper's browser."""
    desk = Client()
    desk.force_login(helper)
    return desk


def begin(browser: Client, user: User) -> int:
    return browser.post(reverse("hijack:acquire"), {"user_pk": user.pk}).status_code


def test_the_banner_is_on_every_page_until_it_ends(desk: Client, helper: User, user: User) -> None:
    assert begin(desk, user) == 302
    for name in ("dashboard", "teams", "account", "api:openapi-view"):
        page = desk.get(reverse(name)).content.decode()
        assert BANNER in page
        assert "ann@example.com" in page
    missing = desk.get("/nothing-here/")
    assert (missing.status_code, BANNER in missing.content.decode()) == (404, True)
    desk.post(reverse("hijack:release"))
    page = desk.get(reverse("dashboard")).content.decode()
    assert BANNER not in page
    assert "helper" in page


def test_it_begins_and_ends_by_post_alone(desk: Client, user: User) -> None:
    assert desk.get(reverse("hijack:acquire"), {"user_pk": user.pk}).status_code in (400, 405)
    begin(desk, user)
    assert desk.get(reverse("hijack:release")).status_code == 405
    guarded = Client(enforce_csrf_checks=True)
    assert guarded.post(reverse("hijack:acquire"), {"user_pk": user.pk}).status_code == 403


def test_only_staff_with_the_permission_begin(user: User, browser: Client) -> None:
    plain = make_user("plain@example.com", is_staff=True)
    former = make_user("former@example.com")
    former.user_permissions.add(Permission.objects.get(codename="impersonate"))
    for other in (plain, former):
        client = Client()
        client.force_login(other)
        assert begin(client, user) == 403
    assert begin(browser, plain) == 403


def test_nobody_works_as_staff_or_as_who_may_not_log_in(desk: Client, staff: User) -> None:
    others = [
        staff,
        make_user("other@example.com", is_staff=True),
        make_user("root@example.com", is_superuser=True),
        make_user("closed@example.com", is_active=False),
    ]
    for other in others:
        assert begin(desk, other) == 403
    root = Client()
    root.force_login(staff)
    assert begin(root, others[1]) == 403


def test_the_admin_offers_it_to_those_who_may(staff: User, user: User) -> None:
    root = Client()
    root.force_login(staff)
    page = root.get(reverse("admin:accounts_user_change", args=[user.pk])).content.decode()
    assert "Work as this user" in page
    page = root.get(reverse("admin:accounts_user_change", args=[staff.pk])).content.decode()
    assert "Work as this user" not in page


def test_start_end_and_all_between_are_written_down(
    desk: Client, helper: User, user: User, team: Team
) -> None:
    begin(desk, user)
    desk.post(reverse("rename_team", args=[team.pk]), {"name": "New"})
    desk.post(reverse("hijack:release"))
    start, renamed, end = Entry.objects.filter(ip_address__isnull=False).order_by("id")
    assert (start.action, start.actor_id, start.target_id) == (
        "impersonation.started",
        helper.pk,
        user.pk,
    )
    assert (renamed.action, renamed.actor_id, renamed.impersonator_id) == (
        "team.renamed",
        user.pk,
        helper.pk,
    )
    assert (end.action, end.actor_id, end.target_id) == (
        "impersonation.ended",
        helper.pk,
        user.pk,
    )


def test_logging_out_ends_it_too(desk: Client, helper: User, user: User) -> None:
    begin(desk, user)
    desk.post(reverse("account_logout"))
    assert Entry.objects.get(action="impersonation.ended").actor_id == helper.pk
    assert desk.get(reverse("dashboard")).status_code == 302


def test_how_somebody_logs_in_is_theirs_alone(desk: Client, user: User) -> None:
    begin(desk, user)
    before = user.password
    for name in (
        "account_email",
        "account_change_password",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_view_recovery_codes",
        "usersessions_list",
        "page_token",
    ):
        for response in (desk.get(reverse(name)), desk.post(reverse(name), {"password": "x"})):
            assert response.status_code == 403, name
    assert desk.post(reverse("account"), {"name": "Mallory"}).status_code == 403
    user.refresh_from_db()
    assert (user.password, user.name) == (before, "Ann")
    assert not AccessToken.objects.exists()


def test_keys_owners_and_teams_stay_as_they_are(desk: Client, user: User, team: Team) -> None:
    partner = make_user("partner@example.com")
    team.memberships.create(user=partner, role=Role.MEMBER)
    _, key = team.make_api_key(user, "Deployment", [Scope.READ])
    begin(desk, user)
    new_key = {"name": "Backdoor", "scopes": ["write"], "days": ""}
    attempts = [
        (reverse("team_api_keys", args=[team.pk]), new_key),
        (reverse("revoke_api_key", args=[team.pk, key.pk]), {}),
        (reverse("transfer_team", args=[team.pk]), {"user_id": partner.pk}),
        (reverse("delete_team", args=[team.pk]), {"confirmation": "Acme"}),
    ]
    for address, data in attempts:
        assert desk.post(address, data).status_code == 403
    api = f"/api/v1/teams/{team.pk}"
    assert desk.delete(api).status_code == 403
    for path, data in (("api-keys", {"name": "x"}), ("transfer", {"user_id": partner.pk})):
        response = desk.post(f"{api}/{path}", data, content_type="application/json")
        assert (response.status_code, response.json()["type"]) == (403, "urn:problem:forbidden")
    assert list(team.api_keys.alive()) == [key]
    assert team.membership_of(user).role == "owner"


def test_who_is_in_a_team_stays_as_it_is(desk: Client, user: User, team: Team) -> None:
    partner = make_user("partner@example.com")
    team.memberships.create(user=partner, role=Role.MEMBER)
    waiting = team.invite(user, "bob@example.com", Role.MEMBER)
    other = Team.objects.create_for(partner, "Other")
    offer = other.invite(partner, user.email, Role.MEMBER)
    begin(desk, user)
    pages = [
        reverse("change_role", args=[team.pk, partner.pk]),
        reverse("remove_member", args=[team.pk, partner.pk]),
        reverse("leave_team", args=[team.pk]),
        reverse("invite", args=[team.pk]),
        reverse("resend_invitation", args=[team.pk, waiting.pk]),
        reverse("revoke_invitation", args=[team.pk, waiting.pk]),
        reverse("accept_invitation"),
        reverse("accept_mine", args=[offer.pk]),
        reverse("decline_mine", args=[offer.pk]),
    ]
    data = {"role": "admin", "email": "mallory@example.com"}
    for address in pages:
        assert desk.post(address, data).status_code == 403, address
    api = "/api/v1"
    of_team = f"{api}/teams/{team.pk}"
    for method, address in (
        ("PATCH", f"{api}/me"),
        ("POST", f"{api}/me/invitations/{offer.pk}/accept"),
        ("POST", f"{api}/me/invitations/{offer.pk}/decline"),
        ("POST", f"{api}/invitations/accept"),
        ("PATCH", f"{of_team}/members/{partner.pk}"),
        ("DELETE", f"{of_team}/members/{partner.pk}"),
        ("POST", f"{of_team}/leave"),
        ("POST", f"{of_team}/invitations"),
        ("POST", f"{of_team}/invitations/{waiting.pk}/resend"),
        ("DELETE", f"{of_team}/invitations/{waiting.pk}"),
    ):
        response = desk.generic(method, address, "{}", content_type="application/json")
        assert response.status_code == 403, address
        assert response.json()["detail"].startswith("Only the person themselves")
    for address in (f"{api}/me", f"{of_team}/members", f"{of_team}/invitations"):
        assert desk.get(address).status_code == 200


def test_it_ends_when_the_right_is_taken_away(desk: Client, helper: User, user: User) -> None:
    begin(desk, user)
    helper.is_staff = False
    helper.save()
    assert desk.get(reverse("dashboard"))["Location"] == reverse("account_login")
    helper.is_staff = True
    helper.save()
    assert desk.get(reverse("dashboard")).status_code == 302
