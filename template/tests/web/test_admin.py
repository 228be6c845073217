"""The admin, for staff alone."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.tokens import digest
from tests.web.conftest import PASSWORD, make_user
from web.accounts.models import AccessToken, User
from web.audit.models import Entry
from web.outbox.models import DeadLetter, Message, Schedule


@pytest.fixture
def staff_browser(staff: User) -> Client:
    """The browser in which a member of staff is signed in."""
    browser = Client()
    browser.force_login(staff)
    return browser


def test_the_admin_is_closed_to_others(client: Client, browser: Client) -> None:
    for visitor in (client, browser):
        assert visitor.get(reverse("admin:index")).status_code == 302
        assert visitor.get(reverse("admin:accounts_user_changelist")).status_code == 302


def test_staff_log_in_by_the_sites_own_login(client: Client, staff: User) -> None:
    response = client.get(reverse("admin:login"), follow=True)
    assert response.redirect_chain[0][0].startswith(reverse("account_login"))


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model.__name__)
def test_every_list_opens_and_can_be_searched(model: type, staff_browser: Client) -> None:
    meta = model._meta  # type: ignore[attr-defined]
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    assert staff_browser.get(url, {"q": "ann"}).status_code == 200


def test_staff_see_a_user_and_no_hash(staff_browser: Client, user: User) -> None:
    page = staff_browser.get(reverse("admin:accounts_user_change", args=[user.pk])).content.decode()
    assert user.email in page
    assert user.password.rpartition("$")[2] not in page


def test_staff_make_a_user_who_then_logs_in(staff_browser: Client) -> None:
    data = {"email": "New@Example.com", "name": "", "password1": PASSWORD, "password2": PASSWORD}
    response = staff_browser.post(
        reverse("admin:accounts_user_add"), {**data, "usable_password": "true"}
    )
    assert response.status_code == 302
    assert User.objects.get(email="new@example.com").check_password(PASSWORD)


def test_a_password_set_by_staff_ends_the_tokens(
    staff_browser: Client, browser: Client, user: User
) -> None:
    token = browser.post(reverse("page_token")).json()["token"]
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    data = {"password1": "another long pass phrase", "password2": "another long pass phrase"}
    response = staff_browser.post(url, {**data, "usable_password": "true"})
    assert response.status_code == 302
    assert AccessToken.objects.all().for_bearer(token) is None


def test_the_owner_is_told_of_a_password_set_by_staff(staff_browser: Client, user: User) -> None:
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    data = {"password1": "another long pass phrase", "password2": "something else"}
    staff_browser.post(url, {**data, "usable_password": "true"})
    assert not Message.objects.exists()
    assert not Entry.objects.filter(action="staff.user_changed").exists()
    data["password2"] = data["password1"]
    staff_browser.post(url, {**data, "usable_password": "true"})
    payload = Message.objects.get().payload
    assert (payload["template"], payload["to"]) == ("password_changed", user.email)
    entry = Entry.objects.get(action="staff.user_changed")
    assert (entry.target_id, entry.details) == (user.pk, {"changed": ["password"]})


@pytest.fixture
def clerk(db: None) -> User:
    """A member of staff who may do all with users, and is no superuser."""
    clerk = make_user("clerk@example.com", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    return clerk


@pytest.fixture
def clerks_browser(clerk: User) -> Client:
    browser = Client()
    browser.force_login(clerk)
    return browser


def test_who_may_change_people_gives_no_rights(clerks_browser: Client, user: User) -> None:
    url = reverse("admin:accounts_user_change", args=[user.pk])
    rights = {"is_staff": "on", "is_superuser": "on", "user_permissions": ["1"], "groups": []}
    data = {"name": "Anna", "is_active": "on", **rights, **inline_forms()}
    assert clerks_browser.post(url, data).status_code == 302
    user.refresh_from_db()
    assert (user.name, user.is_staff, user.is_superuser) == ("Anna", False, False)
    assert not user.user_permissions.exists()


@pytest.mark.parametrize("rights", [{"is_staff": True}, {"is_superuser": True}])
def test_who_may_change_people_changes_no_staff(
    rights: dict[str, bool], clerks_browser: Client, clerk: User
) -> None:
    for other in (make_user("other@example.com", **rights), clerk):
        change = reverse("admin:accounts_user_change", args=[other.pk])
        delete = reverse("admin:accounts_user_delete", args=[other.pk])
        password = reverse("admin:auth_user_password_change", args=[other.pk])
        attempt = {"name": "Mallory", "password1": "x" * 20, "password2": "x" * 20, "post": "yes"}
        for url in (change, delete, password):
            answer = clerks_browser.post(url, {**attempt, **inline_forms()})
            assert answer.status_code == 403, url
        chosen = {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
        clerks_browser.post(reverse("admin:accounts_user_changelist"), chosen)
        unchanged = User.objects.get(pk=other.pk)
        assert (unchanged.password, unchanged.name) == (other.password, other.name)


def inline_forms() -> dict[str, str]:
    """What the page says of the list of teams."""
    return {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


def test_nobody_says_that_somebody_elses_address_is_verified(
    staff_browser: Client, user: User
) -> None:
    address = EmailAddress.objects.get(user=user)
    data = {"user": user.pk, "email": "victim@example.com", "verified": "on", "primary": "on"}
    add = reverse("admin:account_emailaddress_add")
    change = reverse("admin:account_emailaddress_change", args=[address.pk])
    for url in (add, change):
        assert staff_browser.post(url, data).status_code == 403
    assert "ann@example.com" in staff_browser.get(change).content.decode()
    assert not EmailAddress.objects.filter(email="victim@example.com").exists()


def test_work_and_schedules_cannot_be_deleted(staff_browser: Client) -> None:
    schedule = Schedule.objects.create(name="nightly", last_tick=timezone.now())
    page = reverse("admin:outbox_schedule_delete", args=[schedule.pk])
    assert staff_browser.post(page, {"post": "yes"}).status_code == 403


def test_dead_letters_are_replayed_once(staff_browser: Client) -> None:
    letter = DeadLetter.objects.create(
        task="accounts.send_welcome_mail",
        payload={"user_id": 1},
        attempts=9,
        error="OSError: away",
        failed_at=timezone.now(),
    )
    action = {"action": "replay", "_selected_action": [letter.pk]}
    for _ in range(2):
        staff_browser.post(reverse("admin:outbox_deadletter_changelist"), action)
    message = Message.objects.get()
    assert (message.task, message.payload) == (letter.task, letter.payload)


def test_staff_see_how_the_queue_is_doing(staff_browser: Client, browser: Client) -> None:
    assert "Workers alive" in staff_browser.get(reverse("outbox_status")).content.decode()
    assert browser.get(reverse("outbox_status")).status_code == 302


def test_tokens_can_be_ended_and_are_never_shown(
    staff_browser: Client, browser: Client, user: User
) -> None:
    token = browser.post(reverse("page_token")).json()["token"]
    row = AccessToken.objects.get()
    page = staff_browser.get(reverse("admin:accounts_accesstoken_change", args=[row.pk]))
    assert digest(token) not in page.content.decode()
    staff_browser.post(reverse("admin:accounts_accesstoken_delete", args=[row.pk]), {"post": "yes"})
    assert AccessToken.objects.all().for_bearer(token) is None
    assert staff_browser.get(reverse("admin:accounts_accesstoken_add")).status_code == 403
