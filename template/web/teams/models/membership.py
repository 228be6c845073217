"""Who is in a team, and as what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import models
from django.utils import timezone

from core.audit import AuditAction
from core.problems import not_found
from core.teams import roles, rules
from core.teams.roles import Role
from web.accounts.models import User
from web.teams.models.choices import choices
from web.teams.models.team import Team


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships, as those see them who ask."""

    def of(self, user: User) -> MembershipQuerySet:
        """Somebody's own, with the teams."""
        return self.filter(user=user).select_related("team")


class Membership(models.Model):
    """Somebody in a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=choices(Role))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["team", "user"], name="teams_membership_once"),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"

    @contextmanager
    def locked(self) -> Iterator[Membership]:
        """The membership as it is now, with its team's row locked; raises 404 when it is gone."""
        with self.team.locked() as team:
            member = team.memberships.filter(pk=self.pk).first()
            if member is None:
                raise not_found("member")
            yield member

    def change_role(self, by: User, role: Role) -> None:
        """Give them another role."""
        with self.locked() as member:
            mine = member.team.require(by, roles.CHANGE_ROLES)
            rules.check_role_change(mine, Role(member.role), role)
            member.set_role(role)
        self.role = member.role

    def set_role(self, role: Role) -> None:
        """Give them another role, whoever asks; the caller holds the team's lock."""
        former = Role(self.role)
        rules.check_owner_stays(former, role, self.team.count_owners())
        if role == former:
            return
        self.role = role
        self.save(update_fields=["role"])
        self.team.end_invitations_by(self.user_id, role)
        self.team.record(
            AuditAction.MEMBER_ROLE_CHANGED, ("user", self.user_id), former=former, new=role
        )

    def remove(self, by: User) -> None:
        """Put them out of the team."""
        with self.locked() as member:
            mine = member.team.require(by, roles.REMOVE_MEMBERS)
            rules.check_removal(mine, Role(member.role))
            member.end(AuditAction.MEMBER_REMOVED)

    def leave(self) -> None:
        """Go, as a person decides for themselves."""
        with self.locked() as member:
            rules.check_not_personal(is_personal=member.team.is_personal)
            member.end(AuditAction.MEMBER_LEFT)

    def end(self, action: AuditAction) -> None:
        """Delete the membership, whoever asks; the caller holds the team's lock."""
        rules.check_owner_stays(Role(self.role), None, self.team.count_owners())
        self.team.end_invitations_by(self.user_id, None)
        self.team.record(action, ("user", self.user_id), role=self.role)
        self.delete()
