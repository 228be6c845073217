"""Teams: made, renamed, given away and deleted here; also where people are invited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from core.audit import AuditAction
from core.problems import not_found
from core.teams import roles, rules
from core.teams.roles import Action, Role, Scope
from web.accounts.models import User
from web.audit.record import record

if TYPE_CHECKING:
    from web.teams.models import ApiKey, Invitation, Membership


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams, as those see them who ask."""

    def of(self, user: User) -> TeamQuerySet:
        """The teams that somebody is in; each knows their `role`."""
        return self.filter(memberships__user=user).annotate(role=F("memberships__role"))

    @transaction.atomic
    def create_for(self, user: User, name: str) -> Team:
        """Make a team whose owner is this person."""
        # Two teams made at once are counted one after the other.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        owned = self.filter(memberships__user=user, memberships__role=Role.OWNER)
        rules.check_bound(owned.count(), rules.MOST_TEAMS, "teams that you own")
        team = self.create(name=name)
        team.memberships.create(user=user, role=Role.OWNER)
        team.role = Role.OWNER
        team.record(AuditAction.TEAM_CREATED, ("team", team.pk), name=name)
        return team


class Team(models.Model):
    """Several people, or one, who share the rows of the product."""

    name = models.CharField(max_length=100)
    personal_user = models.OneToOneField(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="personal_team"
    )
    seat_limit = models.IntegerField(
        null=True, blank=True, help_text="How many members it may have; empty for no limit."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    members = models.ManyToManyField(User, through="Membership", related_name="teams")

    objects = TeamQuerySet.as_manager()

    # What the one who asked is in it; None when nobody did, as for an API key.
    role: str | None = None

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    @property
    def is_personal(self) -> bool:
        """Whether it belongs to one person, and lives as long as they do."""
        return self.personal_user_id is not None

    @contextmanager
    def locked(self) -> Iterator[Team]:
        """The team as it is now, changed by nobody else until the transaction ends.

        Raises 404 when it is gone. Rows that refer to the team can be written meanwhile.
        """
        with transaction.atomic():
            team = Team.objects.select_for_update(no_key=True).filter(pk=self.pk).first()
            if team is None:
                raise not_found("team")
            yield team

    def record(self, action: AuditAction, target: tuple[str, int], **details: object) -> None:
        """Note what is done in this team."""
        record(action, team_id=self.pk, target=target, details=details)

    def membership_of(self, user: User) -> Membership:
        """What somebody is in this team; raises 404 for an outsider."""
        found = self.memberships.filter(user=user).first()
        if found is None:
            raise not_found("team")
        return found

    def require(self, user: User, action: Action) -> Role:
        """The role by which somebody may do this; raises 404 for outsiders and 403 for others."""
        role = Role(self.membership_of(user).role)
        rules.require([role], action)
        return role

    def count_owners(self) -> int:
        """How many owners there are."""
        return self.memberships.filter(role=Role.OWNER).count()

    def end_invitations_by(self, user_id: int, role: Role | None) -> None:
        """End those that somebody sent and, with this role or none, could send no more.

        The caller holds the team's lock.
        """
        for invitation in self.invitations.open().filter(invited_by=user_id):
            if not rules.could_invite(role, Role(invitation.role)):
                invitation.end()

    def record_name(self, action: AuditAction, **names: str) -> None:
        """Note a change that has to do with the name.

        That of a personal team is a person's own, and the log is never changed: it stays out.
        """
        details: dict[str, object] = {"personal": True} if self.is_personal else {**names}
        self.record(action, ("team", self.pk), **details)

    def rename(self, by: User, name: str) -> None:
        """Call it something else."""
        with self.locked() as team:
            team.require(by, roles.RENAME_TEAM)
            self.name, former = name, team.name
            if name != former:
                self.save(update_fields=["name"])
                team.record_name(AuditAction.TEAM_RENAMED, former=former, new=name)

    def delete_by(self, by: User) -> None:
        """Delete the team with all that is in it. Only its audit log stays."""
        with self.locked() as team:
            team.require(by, roles.DELETE_TEAM)
            rules.check_not_personal(is_personal=team.is_personal)
            team.erase()

    def erase(self) -> None:
        """Delete the team, whoever asks; the caller holds its lock."""
        self.record_name(AuditAction.TEAM_DELETED, name=self.name)
        self.delete()

    def transfer(self, by: User, to: User) -> Membership:
        """Make somebody else the owner, whose membership it answers, and this one an admin."""
        with self.locked() as team:
            team.require(by, roles.TRANSFER_OWNERSHIP)
            rules.check_not_personal(is_personal=team.is_personal)
            successor = team.memberships.select_related("user").filter(user=to).first()
            if successor is None:
                raise not_found("member")
            if to.pk == by.pk:
                raise rules.conflict("same-owner", "This is the owner", "Choose somebody else.")
            successor.role = Role.OWNER
            successor.save(update_fields=["role"])
            team.memberships.filter(user=by).update(role=Role.ADMIN)
            team.end_invitations_by(by.pk, Role.ADMIN)
            team.record(AuditAction.OWNERSHIP_TRANSFERRED, ("user", to.pk), former=by.pk, new=to.pk)
            return successor

    def invite(self, by: User, email: str, role: Role) -> Invitation:
        """Invite somebody by mail; who is invited already gets a new mail and this role."""
        email = email.strip().lower()
        with self.locked() as team:
            mine = team.require(by, roles.INVITE)
            rules.check_invitation(mine, role, is_personal=team.is_personal)
            if team.memberships.filter(user__email=email).exists():
                raise rules.conflict(
                    "already-member", "They are a member", f"{email} is in this team already."
                )
            invitation = team.invitations.open().filter(email=email).first()
            if invitation is None:
                waiting = team.invitations.pending().count()
                rules.check_bound(waiting, rules.MOST_INVITATIONS, "open invitations")
                invitation = team.invitations.model(team=team, email=email)
            invitation.role, invitation.invited_by = role, by
            invitation.send(by)
            return invitation

    def make_api_key(
        self, by: User, name: str, scopes: Sequence[Scope], expires: datetime | None = None
    ) -> tuple[str, ApiKey]:
        """Make a key; its text is known only now."""
        with self.locked() as team:
            team.require(by, roles.MANAGE_API_KEYS)
            rules.check_bound(team.api_keys.alive().count(), rules.MOST_API_KEYS, "API keys")
            text, key = team.api_keys.model.new(name, scopes, expires)
            key.team, key.created_by = team, by
            key.save()
            details = {"name": name, "scopes": key.scopes}
            team.record(AuditAction.API_KEY_CREATED, ("api_key", key.pk), **details)
            return text, key
