"""Yours: what the plan of a team limits in your product, and what of it is billed by use.

`core/product/plans.py` has the numbers. Whatever is saved is counted here, wherever that happens:
on a page, by the API, in a task. `bulk_create` and `update` tell nobody, so count by hand there.
"""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver

from core.billing.gates import require_room
from web.billing.entitlements import entitlements_of
from web.billing.usage import record
from web.product.models import Project
from web.teams.models import Team


@receiver(pre_save, sender=Project)
def check_room(instance: Project, raw: bool, **_: Any) -> None:
    """Raises 402 if the plan has no room for one more project that is not archived.

    The lock of the team, under which they are counted, lasts as long as the caller's transaction; a
    request and a task have one.
    """
    if raw or instance.archived_at is not None:
        return
    in_use = Project.across_teams.filter(team=instance.team_id, archived_at=None)
    if instance.pk is not None and in_use.filter(pk=instance.pk).exists():
        return
    with transaction.atomic():
        Team.objects.select_for_update(no_key=True).get(pk=instance.team_id)
        require_room(entitlements_of(instance.team_id), "projects", in_use.count())


@receiver(post_save, sender=Project)
def count_change(instance: Project, raw: bool, **_: Any) -> None:
    """Whatever is made or changed is one change more."""
    if not raw:
        record(instance.team_id, "changes")
