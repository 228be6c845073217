"""Invitations: sent by mail, accepted by whoever proves to have the address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from core.api.limits import INVITATIONS
from core.audit import AuditAction
from core.problems import not_found
from core.tasks import SendInvitation
from core.teams import roles, rules
from core.teams.roles import Role
from core.tokens import digest, new_token
from web.accounts.models import User
from web.limits import spend
from web.queue import enqueue
from web.teams.models.choices import choices
from web.teams.models.membership import Membership
from web.teams.models.team import Team
from web.teams.plan import check_seat, seat_limit


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations, as those see them who ask."""

    def open(self) -> InvitationQuerySet:
        """Neither accepted nor revoked; perhaps too old, and then sending it again renews it."""
        return self.filter(accepted_at=None, revoked_at=None)

    def pending(self) -> InvitationQuerySet:
        """Those that can be accepted."""
        return self.open().filter(expires_at__gt=timezone.now())

    def for_user(self, user: User) -> InvitationQuerySet:
        """What somebody may accept: sent to an address that they have verified."""
        verified = EmailAddress.objects.filter(user=user, verified=True)
        return (
            self.pending()
            .filter(email__in=verified.values(lower=Lower("email")))
            .select_related("team", "invited_by")
        )

    def with_token(self, token: str) -> Invitation | None:
        """The one whose mail held this token, if it can be accepted."""
        found = self.pending().filter(digest=digest(token))
        return found.select_related("team", "invited_by").first()

    def spent(self) -> InvitationQuerySet:
        """What nobody will look at again: ended or too old for a month."""
        past = timezone.now() - 4 * rules.INVITATION_LIFETIME
        ended = Q(accepted_at__lt=past) | Q(revoked_at__lt=past) | Q(expires_at__lt=past)
        return self.filter(ended)


class Invitation(models.Model):
    """Somebody who may join a team, until it is accepted, revoked or too old.

    The task that mails the link makes its token; until then there is no digest.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(db_index=True)
    role = models.CharField(max_length=16, choices=choices(Role))
    digest = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    invited_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="sent_invitations"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["team", "email"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="teams_invitation_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} to {self.team}"

    @property
    def is_expired(self) -> bool:
        """Whether it is too old to be accepted."""
        return self.expires_at <= timezone.now()

    @contextmanager
    def locked(self) -> Iterator[Invitation]:
        """The invitation as it is now, with its team's row locked; raises 404 when it is gone."""
        with self.team.locked() as team:
            invitation = team.invitations.select_for_update().filter(pk=self.pk).first()
            if invitation is None:
                raise not_found("invitation")
            yield invitation

    def send(self, by: User) -> None:
        """Let a mail with a new link go out, good for another week.

        The caller holds the team's lock. A seat is free for it, or this raises 402 or 409; there
        were not too many mails, or this raises 429.
        """
        spend(INVITATIONS, "team", str(self.team_id))
        spend(INVITATIONS, "user", str(by.pk))
        others = self.team.invitations.pending().exclude(pk=self.pk).count()
        check_seat(self.team, self.team.memberships.count() + others)
        action = AuditAction.INVITATION_RESENT if self.pk else AuditAction.INVITATION_SENT
        self.expires_at = timezone.now() + rules.INVITATION_LIFETIME
        self.save()
        self.team.record(action, ("invitation", self.pk), role=self.role)
        enqueue(SendInvitation(invitation_id=self.pk), team_id=self.team_id)

    def resend(self, by: User) -> None:
        """Send it once more; the former link then opens nothing."""
        with self.locked() as invitation:
            mine = invitation.team.require(by, roles.INVITE)
            invitation.require_open()
            role = Role(invitation.role)
            rules.check_invitation(mine, role, is_personal=invitation.team.is_personal)
            invitation.send(by)
        self.expires_at = invitation.expires_at

    def revoke(self, by: User) -> None:
        """Take it back."""
        with self.locked() as invitation:
            invitation.team.require(by, roles.INVITE)
            invitation.require_open()
            invitation.end()

    def decline(self, user: User) -> None:
        """Refuse it, as the one who is invited."""
        with self.locked() as invitation:
            invitation.require_open()
            invitation.require_address_of(user)
            invitation.end(declined=True)

    def end(self, **details: object) -> None:
        """Let nobody accept it; the caller holds the team's lock."""
        self.revoked_at = timezone.now()
        self.save(update_fields=["revoked_at"])
        self.team.record(AuditAction.INVITATION_REVOKED, ("invitation", self.pk), **details)

    def accept(self, user: User) -> Membership:
        """Let the one who is invited into the team, once; raises 404 for anybody else.

        A seat must be free, or this raises 409. Who is a member already stays what they are.
        """
        with self.locked() as invitation:
            invitation.require_address_of(user)
            team = invitation.team
            membership = team.memberships.filter(user=user).first()
            if invitation.accepted_at and membership:
                return membership
            invitation.require_open()
            if invitation.is_expired:
                raise not_found("invitation")
            if membership is None:
                rules.check_seat(team.memberships.count(), seat_limit(team))
                membership = team.memberships.create(user=user, role=invitation.role)
                team.record(AuditAction.MEMBER_JOINED, ("user", user.pk), role=invitation.role)
            invitation.accepted_at = timezone.now()
            invitation.save(update_fields=["accepted_at"])
            team.record(AuditAction.INVITATION_ACCEPTED, ("invitation", invitation.pk))
            return membership

    def require_open(self) -> None:
        """Raise 404 when it was accepted or revoked."""
        if self.accepted_at or self.revoked_at:
            raise not_found("invitation")

    def require_address_of(self, user: User) -> None:
        """Raise 404 unless this person has verified the address that it was sent to."""
        verified = EmailAddress.objects.filter(user=user, verified=True)
        addresses = verified.values_list("email", flat=True)
        if not any(rules.same_address(self.email, address) for address in addresses):
            raise not_found("invitation")

    def make_token(self) -> str:
        """A new token for its link; the former one then opens nothing."""
        token = new_token("invite")
        self.digest = digest(token)
        self.save(update_fields=["digest"])
        return token
