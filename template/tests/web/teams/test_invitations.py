"""Invitations: who may send them, who may accept them, and what they cost."""

from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.utils import timezone

from core.problems import Problem
from core.tasks import PurgeExpired, SendInvitation
from core.teams.roles import Role
from sandbox.mailbox.thread import Mailbox
from tests.background import Background
from tests.web.conftest import make_user
from tests.web.teams.conftest import roles_in
from web.accounts.models import User
from web.accounts.tasks import purge_expired
from web.audit.models import Entry
from web.outbox.models import Message
from web.teams import tasks
from web.teams.models import Invitation, Team

OWNER, ADMIN, MEMBER = Role


@pytest.fixture
def invitation(team: Team, owner: User) -> Invitation:
    return team.invite(owner, "Bob@Example.com", MEMBER)


@pytest.fixture
def bob(db: None) -> User:
    return make_user("bob@example.com")


def refused(status: int, kind: str | None = None) -> AbstractContextManager[object]:
    return pytest.raises(
        Problem, check=lambda problem: problem.status == status and kind in (None, problem.kind)
    )


def test_an_invitation_is_mailed_and_its_link_opens_it_once(
    worker: Background, team: Team, owner: User, bob: User, mailbox: Mailbox
) -> None:
    invitation = team.invite(owner, "Bob@Example.com", MEMBER)
    mail = mailbox.wait(to="bob@example.com", subject="Olive invites you to Acme")
    # The digest is there when the task's transaction commits.
    worker.log_until(event="task_done", task="teams.send_invitation", team_id=team.pk)
    token = mail.text.split("token=")[1].split()[0]
    found = Invitation.objects.with_token(token)
    assert found == invitation
    assert found.accept(bob).role == MEMBER
    assert Invitation.objects.with_token(token) is None


def test_the_task_holds_no_token(team: Team, invitation: Invitation) -> None:
    message = Message.objects.get(task="teams.send_invitation")
    assert (message.payload, message.team_id) == ({"invitation_id": invitation.pk}, team.pk)


def test_accepting_twice_makes_one_membership(
    invitation: Invitation, team: Team, bob: User
) -> None:
    assert invitation.accept(bob) == invitation.accept(bob)
    assert Entry.objects.filter(action="member.joined").count() == 1
    team.memberships.get(user=bob).leave()
    with refused(404):
        invitation.accept(bob)


def test_who_is_a_member_already_stays_what_they_are(team: Team, owner: User, admin: User) -> None:
    EmailAddress.objects.create(user=admin, email="second@example.com", verified=True)
    invitation = team.invite(owner, "second@example.com", MEMBER)
    assert invitation.accept(admin).role == ADMIN
    assert not team.invitations.open().exists()


def test_only_the_verified_owner_of_the_address_accepts(
    invitation: Invitation, bob: User, outsider: User
) -> None:
    with refused(404):
        invitation.accept(outsider)
    with refused(404):
        invitation.decline(outsider)
    EmailAddress.objects.filter(user=bob).update(verified=False)
    with refused(404):
        invitation.accept(bob)
    assert not Invitation.objects.for_user(bob).exists()
    EmailAddress.objects.filter(user=bob).update(verified=True)
    assert list(Invitation.objects.for_user(bob)) == [invitation]


def test_too_old_revoked_and_declined_ones_open_nothing(
    team: Team, owner: User, invitation: Invitation, bob: User
) -> None:
    token = invitation.make_token()
    team.invitations.update(expires_at=timezone.now() - timedelta(seconds=1))
    with refused(404):
        invitation.accept(bob)
    assert Invitation.objects.with_token(token) is None

    again = team.invite(owner, "bob@example.com", ADMIN)
    assert again == invitation
    again.revoke(owner)
    with refused(404):
        again.accept(bob)

    third = team.invite(owner, "bob@example.com", MEMBER)
    assert third != invitation
    third.decline(bob)
    with refused(404):
        third.accept(bob)
    assert "bob@example.com" not in roles_in(team)


def test_inviting_again_sends_again_and_the_former_link_dies(
    team: Team, owner: User, invitation: Invitation
) -> None:
    old = invitation.make_token()
    again = team.invite(owner, "bob@example.com", ADMIN)
    assert (again.pk, again.role) == (invitation.pk, "admin")
    assert Message.objects.filter(task="teams.send_invitation").count() == 2
    new = again.make_token()
    assert Invitation.objects.with_token(old) is None
    assert Invitation.objects.with_token(new) == invitation


def test_members_are_not_invited_again(team: Team, owner: User, member: User) -> None:
    with refused(409, "already-member"):
        team.invite(owner, "Member@example.com", MEMBER)


def test_nobody_gives_away_more_than_they_have(
    team: Team, owner: User, admin: User, member: User
) -> None:
    with refused(403):
        team.invite(member, "bob@example.com", MEMBER)
    with refused(403):
        team.invite(admin, "bob@example.com", OWNER)
    by_owner = team.invite(owner, "bob@example.com", OWNER)
    with refused(403):
        by_owner.resend(admin)


def test_open_invitations_take_seats_and_accepting_needs_one(
    team: Team, owner: User, bob: User
) -> None:
    Team.objects.filter(pk=team.pk).update(seat_limit=2)
    invitation = team.invite(owner, "bob@example.com", MEMBER)
    with refused(409, "no-seat"):
        team.invite(owner, "carol@example.com", MEMBER)
    invitation.resend(owner)
    Team.objects.filter(pk=team.pk).update(seat_limit=1)
    with refused(409, "no-seat"):
        invitation.accept(bob)
    assert roles_in(team) == {"owner@example.com": "owner"}
    Team.objects.filter(pk=team.pk).update(seat_limit=2)
    invitation.accept(bob)


def test_an_invitation_that_is_gone_is_not_mailed(
    owner: User, invitation: Invitation, mailoutbox: list[EmailMessage]
) -> None:
    tasks.send_invitation(SendInvitation(invitation_id=invitation.pk))
    assert [mail.to for mail in mailoutbox] == [["bob@example.com"]]
    mailoutbox.clear()
    invitation.revoke(owner)
    tasks.send_invitation(SendInvitation(invitation_id=invitation.pk))
    tasks.send_invitation(SendInvitation(invitation_id=0))
    assert mailoutbox == []


def test_the_audit_log_holds_no_address(invitation: Invitation) -> None:
    entry = Entry.objects.get(action="invitation.sent")
    assert (entry.target_kind, entry.target_id) == ("invitation", invitation.pk)
    assert "bob" not in str(entry.details)


def test_old_invitations_are_purged_and_others_kept(
    team: Team, owner: User, invitation: Invitation
) -> None:
    past = timezone.now() - timedelta(days=40)
    for field in ("expires_at", "accepted_at", "revoked_at"):
        team.invite(owner, f"{field}@example.com", MEMBER)
        team.invitations.filter(email=f"{field}@example.com").update(**{field: past})
    recent = team.invite(owner, "recent@example.com", MEMBER)
    recent.revoke(owner)
    purge_expired(PurgeExpired())
    assert set(team.invitations.all()) == {invitation, recent}
