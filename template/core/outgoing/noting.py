"""Entries of the audit log about webhooks."""

from typing import Any
from urllib.parse import urlsplit

from core.audit import INSERT, AuditAction, entry
from core.outbox.write import Execute


def record(
    execute: Execute,
    action: AuditAction,
    team_id: int,
    endpoint_id: int,
    url: str,
    **details: Any,
) -> None:
    """Write down what is done with a webhook."""
    told = {"host": host_of(url), **details}
    target = ("webhook", endpoint_id)
    execute(INSERT, entry(action, team_id=team_id, target=target, details=told))


def host_of(url: str) -> str:
    """The host of an address, with its port: whatever follows it may be a secret."""
    return urlsplit(url).netloc
