"""What becomes of somebody's teams when their account goes."""

from django.db import transaction
from django.db.models import Count, Q

from core.audit import AuditAction
from core.teams import rules
from core.teams.roles import Role
from core.teams.rules import OwnedTeam
from web.accounts.models import User
from web.teams.models import Membership, Team


def teams_of_account(user: User) -> list[OwnedTeam]:
    """The teams that somebody owns; `core.teams.rules.check_account_may_go` judges them."""
    owned = Membership.objects.filter(user=user, role=Role.OWNER).values("team")
    teams = Team.objects.filter(pk__in=owned).annotate(
        people=Count("memberships"),
        owners=Count("memberships", filter=Q(memberships__role=Role.OWNER)),
    )
    return [OwnedTeam(team.pk, team.name, team.people, team.owners) for team in teams]


@transaction.atomic
def leave_all_teams(user: User) -> None:
    """End somebody's memberships, and the teams where they are alone.

    Deleting a user calls it, wherever that happens. Raises 409, and changes nothing, when a team
    with other members would be left without an owner.
    """
    mine = Membership.objects.filter(user=user).values("team")
    # In the order of their ids, so that two who go at once do not wait for each other.
    teams = Team.objects.select_for_update(no_key=True).filter(pk__in=mine).order_by("pk")
    locked = {team.pk: team for team in teams}
    # Nobody makes this person a member of another team from here on.
    User.objects.select_for_update().filter(pk=user.pk).first()
    if Membership.objects.filter(user=user).exclude(team__in=locked).exists():
        raise rules.conflict("changed", "A team was joined meanwhile", "Try again.")
    alone = rules.check_account_may_go(teams_of_account(user))
    for team_id in alone:
        locked[team_id].erase()
    for membership in Membership.objects.of(user).filter(team__in=locked).exclude(team__in=alone):
        membership.end(AuditAction.MEMBER_LEFT)
