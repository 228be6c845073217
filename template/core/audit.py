"""Who did what to what, when and from where. Written in the transaction of the change itself.

The table takes new rows only: triggers in the database refuse to change or delete one. People are
named by id and not by address, so that an account can be deleted and its history stays.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.logs import current_request_id

INSERT = """
    INSERT INTO audit_entry
        (team_id, actor_kind, actor_id, impersonator_id, action, target_kind, target_id, details,
         ip_address, request_id, created_at)
    VALUES
        (%(team_id)s, %(actor_kind)s, %(actor_id)s, %(impersonator_id)s, %(action)s,
         %(target_kind)s, %(target_id)s, %(details)s::jsonb, %(ip_address)s::inet, %(request_id)s,
         now())
"""


class ActorKind(StrEnum):
    """What did it."""

    USER = "user"
    API_KEY = "api_key"
    SYSTEM = "system"


class AuditAction(StrEnum):
    """What was done. A name never changes: it is in the rows."""

    TEAM_CREATED = "team.created"
    TEAM_RENAMED = "team.renamed"
    TEAM_DELETED = "team.deleted"
    MEMBER_JOINED = "member.joined"
    MEMBER_LEFT = "member.left"
    MEMBER_REMOVED = "member.removed"
    MEMBER_ROLE_CHANGED = "member.role_changed"
    OWNERSHIP_TRANSFERRED = "team.ownership_transferred"
    SEAT_LIMIT_CHANGED = "team.seat_limit_changed"
    INVITATION_SENT = "invitation.sent"
    INVITATION_RESENT = "invitation.resent"
    INVITATION_REVOKED = "invitation.revoked"
    INVITATION_ACCEPTED = "invitation.accepted"
    API_KEY_CREATED = "api_key.created"
    API_KEY_REVOKED = "api_key.revoked"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_DELETED = "webhook.deleted"
    WEBHOOK_ENABLED = "webhook.enabled"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_SECRET_ROTATED = "webhook.secret_rotated"  # noqa: S105  the name of an action
    PASSWORD_CHANGED = "account.password_changed"  # noqa: S105  the name of an action
    EMAIL_CHANGED = "account.email_changed"
    SECOND_FACTOR_ADDED = "account.second_factor_added"
    SECOND_FACTOR_REMOVED = "account.second_factor_removed"
    RECOVERY_CODES_MADE = "account.recovery_codes_made"
    CONNECTION_ADDED = "account.connection_added"
    CONNECTION_REMOVED = "account.connection_removed"
    SESSION_ENDED = "account.session_ended"
    DATA_EXPORTED = "account.data_exported"
    ACCOUNT_DELETED = "account.deleted"
    STAFF_CHANGED_USER = "staff.user_changed"
    IMPERSONATION_STARTED = "impersonation.started"
    IMPERSONATION_ENDED = "impersonation.ended"


@dataclass(frozen=True)
class Actor:
    """Who acts, from where; `impersonator_id` is the member of staff who acts as the user."""

    kind: ActorKind = ActorKind.SYSTEM
    id: int | None = None
    impersonator_id: int | None = None
    ip_address: str | None = None


SYSTEM = Actor()
_actor: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)


def current_actor() -> Actor:
    """Who acts in this request; the system itself in tasks and commands."""
    return _actor.get()


def act_as(actor: Actor) -> None:
    """Let this actor stand in what is recorded from now on, until an `acting_as` around it ends."""
    _actor.set(actor)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Let this actor stand in what is recorded meanwhile."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def entry(
    action: AuditAction,
    *,
    team_id: int | None = None,
    target: tuple[str, int] | None = None,
    details: Mapping[str, Any] | None = None,
    actor: Actor | None = None,
) -> dict[str, Any]:
    """What `INSERT` is executed with; `record` of each stack does it.

    Parameters
    ----------
    action
        What was done.
    team_id
        In which team; None for what concerns a person alone.
    target
        To what: a kind such as "user", and its id.
    details
        What else a reader needs: former and new values. No secrets.
    actor
        Who did it, where that is not who sent the request.
    """
    actor = actor or current_actor()
    kind, target_id = target or ("", None)
    return {
        "team_id": team_id,
        "actor_kind": actor.kind.value,
        "actor_id": actor.id,
        "impersonator_id": actor.impersonator_id,
        "action": action.value,
        "target_kind": kind,
        "target_id": target_id,
        "details": json.dumps(dict(details or {})),
        "ip_address": actor.ip_address,
        "request_id": current_request_id() or "",
    }
