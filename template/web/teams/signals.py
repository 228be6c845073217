"""Every user has a personal team, from the transaction on that makes the user."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from core.teams.roles import Role
from core.teams.rules import personal_team_name
from web.accounts.models import User
from web.teams.models import Membership, Team


@receiver(post_save, sender=User)
def make_personal_team(instance: User, created: bool, raw: bool, **_: Any) -> None:
    """Make the team of a new user; fixtures (`raw`) bring their own."""
    if created and not raw:
        name = personal_team_name(instance.name, instance.email)
        team = Team.objects.create(name=name, personal_user=instance)
        Membership.objects.create(team=team, user=instance, role=Role.OWNER)
