"""The tables of the outbox. `core.outbox` reads and writes them; staff look at them here."""

from django.db import models
from django.db.models import Q


class Work(models.Model):
    """What was asked for, wherever it has got to."""

    task = models.CharField(max_length=100)
    payload = models.JSONField()
    key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001  unique if there
    request_id = models.CharField(max_length=64, blank=True)
    team_id = models.BigIntegerField(null=True, blank=True)
    schedule = models.CharField(max_length=100, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.task} {self.pk}"


class Message(Work):
    """Work that was asked for. See `core.outbox`."""

    attempts = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    available_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["task", "key"], condition=Q(key__isnull=False), name="outbox_message_key"
            ),
        )
        indexes = (
            models.Index(
                fields=["available_at", "id"],
                condition=Q(published_at__isnull=True, done_at__isnull=True),
                name="outbox_message_due",
            ),
            models.Index(
                fields=["published_at"],
                condition=Q(published_at__isnull=False, done_at__isnull=True),
                name="outbox_message_published",
            ),
        )


class DeadLetter(Work):
    """Work that failed for good, until somebody replays it."""

    attempts = models.IntegerField()
    error = models.CharField(max_length=500)
    traceback = models.TextField(blank=True)
    failed_at = models.DateTimeField(db_index=True)
    replayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-failed_at",)


class Schedule(models.Model):
    """When a periodic task ran last; `core.tasks.SCHEDULE` says when it runs."""

    name = models.CharField(max_length=100, primary_key=True)
    last_tick = models.DateTimeField()
    last_finished_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
