"""The table of the ledger; `core.webhooks` explains it."""

from django.db import models
from django.db.models import Q


class Event(models.Model):
    """Something that a source told us. `processed_at` is empty until its task is done."""

    source = models.CharField(max_length=32)
    event_id = models.CharField(max_length=255)
    type = models.CharField(max_length=255)
    object_id = models.CharField(max_length=255, blank=True)
    customer = models.CharField(max_length=255, blank=True)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.IntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["source", "event_id"], name="webhooks_event_once"),
        )
        indexes = (
            models.Index(
                fields=["received_at"],
                condition=Q(processed_at__isnull=True),
                name="webhooks_event_open",
            ),
            models.Index(fields=["customer", "id"], name="webhooks_event_customer"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
