"""The table of idempotency keys; `core.api.idempotency` reads and writes it."""

from django.db import models


class IdempotencyKey(models.Model):
    """A request that may be repeated, and what it was answered."""

    caller = models.CharField(max_length=40)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.IntegerField()
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["caller", "key"], name="api_idempotencykey_once"),
        )

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"
