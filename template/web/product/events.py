"""Yours: what webhooks tell of your product, wherever it happens.

Whatever is saved is told here: on a page, by the API, in a task. `bulk_create` and `update` tell
nobody, so call `emit` by hand there.
"""

from typing import Any

from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver

from core.outgoing.emit import emit
from core.product.events import ProjectArchived, ProjectCreated, ProjectFacts, ProjectUpdated
from web.product.models import Project
from web.queue import CurrentTransaction


@receiver(pre_save, sender=Project)
def note_archived(instance: Project, raw: bool, **_: Any) -> None:
    """Note whether it was archived before: changes of what is archived do not archive it again."""
    rows = Project.across_teams.filter(pk=instance.pk, archived_at__isnull=False)
    instance.was_archived = not raw and instance.archived_at is not None and rows.exists()


@receiver(post_save, sender=Project)
def tell(instance: Project, created: bool, raw: bool, **_: Any) -> None:
    """Tell whoever listens to the team."""
    if raw:
        return
    kind: type[ProjectCreated | ProjectUpdated | ProjectArchived] = ProjectUpdated
    if created:
        kind = ProjectCreated
    elif instance.archived_at is not None and not instance.was_archived:
        kind = ProjectArchived
    event = kind(project=ProjectFacts.model_validate(instance))
    emit(CurrentTransaction().execute, instance.team_id, event)
