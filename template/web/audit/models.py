"""The table of the audit log; `core.audit` explains it."""

from django.db import models


class Entry(models.Model):
    """Something that was done. Triggers of the database refuse to change or delete a row."""

    team_id = models.BigIntegerField(null=True, blank=True)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.BigIntegerField(null=True, blank=True)
    impersonator_id = models.BigIntegerField(null=True, blank=True)
    action = models.CharField(max_length=64)
    target_kind = models.CharField(max_length=32, blank=True)
    target_id = models.BigIntegerField(null=True, blank=True)
    details = models.JSONField()
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "entries"
        indexes = (
            models.Index(fields=["team_id", "id"], name="audit_entry_team"),
            models.Index(fields=["actor_id", "id"], name="audit_entry_actor"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"
