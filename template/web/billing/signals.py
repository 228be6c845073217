"""A team pays for its members, so whenever they change its seats are looked at.

And a team that goes leaves its customer behind.
"""

from typing import Any

from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver

from core.billing.tasks import SyncSeats
from web.billing.models import Customer
from web.queue import enqueue
from web.teams.models import Membership, Team


@receiver(post_save, sender=Membership)
def seat_taken(instance: Membership, created: bool, raw: bool, **_: Any) -> None:
    """Somebody joined; another role takes no other seat."""
    if created and not raw:
        sync_seats(instance.team_id)


@receiver(post_delete, sender=Membership)
def seat_left(instance: Membership, **_: Any) -> None:
    """Somebody is gone."""
    sync_seats(instance.team_id)


@receiver(pre_delete, sender=Team)
def customer_first(instance: Team, **_: Any) -> None:
    """Lock the customer before rows of the team go: whoever reports usage comes in this order."""
    Customer.objects.select_for_update().filter(team=instance.pk).first()


def sync_seats(team_id: int) -> None:
    """Let the worker count; teams that never paid have nothing to bring up to date."""
    if Customer.objects.filter(team=team_id).exists():
        enqueue(SyncSeats(team_id=team_id))
