"""The keys by which programs work for a team."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.audit import AuditAction
from core.problems import not_found
from core.teams import roles
from core.teams.roles import Scope
from core.tokens import digest, new_token
from web.accounts.models import User
from web.teams.models.choices import choices
from web.teams.models.team import Team

# Knowing the minute of the last use is enough, and spares a write with each request.
USED_EVERY = timedelta(minutes=1)


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Keys, as those see them who ask."""

    def alive(self) -> ApiKeyQuerySet:
        """Those that nobody has revoked; some may have expired."""
        return self.filter(revoked_at=None)

    def for_bearer(self, token: str) -> ApiKey | None:
        """The valid key with this text, with its team, or None."""
        lasting = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.alive().filter(lasting, digest=digest(token)).select_related("team").first()


class ApiKey(models.Model):
    """A key by which a program works for a team; only its digest is stored."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=16, choices=choices(Scope)))
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="made_api_keys"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}...)"

    @classmethod
    def new(
        cls, name: str, scopes: Sequence[Scope], expires: datetime | None
    ) -> tuple[str, ApiKey]:
        """A key that is not saved yet, after its text."""
        text = new_token("key")
        key = cls(
            name=name,
            prefix=text[:10],
            digest=digest(text),
            scopes=sorted({scope.value for scope in scopes}),
            expires_at=expires,
        )
        return text, key

    @property
    def is_expired(self) -> bool:
        """Whether it opens nothing any more because of its age."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    def mark_used(self) -> None:
        """Note that it was used, at most once a minute."""
        now = timezone.now()
        if self.last_used_at and self.last_used_at > now - USED_EVERY:
            return
        # Requests that come at the same time do not wait for each other here.
        free = ApiKey.objects.select_for_update(skip_locked=True).filter(pk=self.pk)
        ApiKey.objects.filter(pk__in=free.values("pk")).update(last_used_at=now)

    def revoke(self, by: User) -> None:
        """Let it open nothing any more, at once."""
        with self.team.locked() as team:
            team.require(by, roles.MANAGE_API_KEYS)
            self.end()

    def end(self) -> None:
        """Revoke it, whoever asks; raises 404 when that was done already."""
        alive = ApiKey.objects.alive().filter(pk=self.pk)
        if not alive.update(revoked_at=timezone.now()):
            raise not_found("API key")
        self.team.record(AuditAction.API_KEY_REVOKED, ("api_key", self.pk), name=self.name)
