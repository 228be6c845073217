"""Every user has a personal team, and no team loses its only owner with them."""

from typing import Any

from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver

from core.teams.roles import Role
from core.teams.rules import personal_team_name
from web.accounts.models import User
from web.teams.accounts import leave_all_teams
from web.teams.models import Team


@receiver(post_save, sender=User)
def make_personal_team(instance: User, created: bool, raw: bool, **_: Any) -> None:
    """Make the team of a new user; fixtures (`raw`) bring their own."""
    if created and not raw:
        name = personal_team_name(instance.name, instance.email)
        team = Team.objects.create(name=name, personal_user=instance)
        team.memberships.create(user=instance, role=Role.OWNER)


@receiver(pre_delete, sender=User)
def leave_teams(instance: User, **_: Any) -> None:
    """Settle what becomes of their teams; raises 409 when one would be left without an owner."""
    leave_all_teams(instance)
