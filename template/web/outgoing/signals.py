"""Whoever listens to a team is told when its members come and go."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from core.outgoing import events
from core.outgoing.emit import emit
from web.queue import CurrentTransaction
from web.teams.models import Membership


@receiver(post_save, sender=Membership)
def member_added(instance: Membership, created: bool, raw: bool, **_: Any) -> None:
    """Somebody joined."""
    if created and not raw:
        event = events.MemberAdded(member=member_of(instance))
        emit(CurrentTransaction().execute, instance.team_id, event)


@receiver(post_delete, sender=Membership)
def member_removed(instance: Membership, origin: Any, **_: Any) -> None:
    """Somebody is gone, and the team is not: who listened to it goes with it."""
    model = origin.model if isinstance(origin, QuerySet) else type(origin)
    if model is Membership:
        event = events.MemberRemoved(member=member_of(instance))
        emit(CurrentTransaction().execute, instance.team_id, event)


def member_of(membership: Membership) -> events.MemberFacts:
    """What is told of a member."""
    return events.MemberFacts(user_id=membership.user_id, role=membership.role)
