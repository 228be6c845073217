"""A team pays for its members, so whenever they change its seats are looked at."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from core.billing.tasks import SyncSeats
from web.billing.models import Customer
from web.queue import enqueue
from web.teams.models import Membership


@receiver(post_save, sender=Membership)
def seat_taken(instance: Membership, created: bool, raw: bool, **_: Any) -> None:
    """Somebody joined; another role takes no other seat."""
    if created and not raw:
        sync_seats(instance.team_id)


@receiver(post_delete, sender=Membership)
def seat_left(instance: Membership, **_: Any) -> None:
    """Somebody is gone."""
    sync_seats(instance.team_id)


def sync_seats(team_id: int) -> None:
    """Let the worker count; teams that never paid have nothing to bring up to date."""
    if Customer.objects.filter(team=team_id).exists():
        enqueue(SyncSeats(team_id=team_id))
