"""The tables of outgoing webhooks. `core.outgoing` writes them; pages and staff look here."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from web.teams.models import Team


class Endpoint(models.Model):
    """Where a team wants to be told of what happens; its secrets are encrypted."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="webhook_endpoints")
    url = models.CharField(max_length=2000)
    description = models.CharField(max_length=200, blank=True)
    event_types = ArrayField(models.TextField(), blank=True)
    secret = models.CharField(max_length=500)
    former_secret = models.CharField(max_length=500, blank=True)
    former_until = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    # Until when its `Retry-After` wants it left alone.
    quiet_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.url


class Event(models.Model):
    """Something that happened in a team, as it is sent."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="webhook_events")
    public_id = models.CharField(max_length=64, unique=True)
    type = models.CharField(max_length=100)
    payload = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.type} {self.public_id}"


class Delivery(models.Model):
    """An event on its way to an endpoint."""

    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.CASCADE, db_index=False, related_name="deliveries"
    )
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, db_index=False, related_name="webhook_deliveries"
    )
    status = models.CharField(max_length=16)
    attempts = models.IntegerField()
    created_at = models.DateTimeField()
    # When it was made, or sent again by hand.
    asked_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "deliveries"
        constraints = (
            models.UniqueConstraint(fields=["endpoint", "event"], name="outgoing_delivery_once"),
        )
        indexes = (
            models.Index(fields=["endpoint", "id"], name="outgoing_delivery_list"),
            models.Index(fields=["team", "id"], name="outgoing_delivery_team"),
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(status="pending"),
                name="outgoing_delivery_pending",
            ),
            # Who waits for a turn counts who waits along, however many are delivered.
            models.Index(
                fields=["endpoint"],
                condition=Q(status="pending"),
                name="outgoing_delivery_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"{self.status} {self.pk}"


class Attempt(models.Model):
    """One attempt: what was sent, and what came back or why nothing did."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    started_at = models.DateTimeField()
    duration_ms = models.IntegerField()
    request_headers = models.JSONField()
    response_status = models.IntegerField(null=True, blank=True)
    response_headers = models.JSONField()
    response_body = models.TextField(blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.error or str(self.response_status)
