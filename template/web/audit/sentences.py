"""Entries of the audit log as people read them.

An entry names people, invitations and keys by id. Who or what is gone has no name any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.audit import ActorKind, AuditAction
from web.accounts.models import User
from web.audit.models import Entry
from web.teams.models import ApiKey, Invitation

# What follows the name of the one who did it. `{target}` is whom or what it was done to; the other
# words are details of the entry.
SENTENCES = {
    AuditAction.TEAM_CREATED: "made the team {name}",
    AuditAction.TEAM_RENAMED: "renamed the team from {former} to {new}",
    AuditAction.TEAM_DELETED: "deleted the team {name}",
    AuditAction.MEMBER_JOINED: "joined as {role}",
    AuditAction.MEMBER_LEFT: "left the team",
    AuditAction.MEMBER_REMOVED: "removed {target}",
    AuditAction.MEMBER_ROLE_CHANGED: "changed the role of {target} from {former} to {new}",
    AuditAction.OWNERSHIP_TRANSFERRED: "transferred the ownership to {target}",
    AuditAction.SEAT_LIMIT_CHANGED: "changed the number of seats from {former} to {new}",
    AuditAction.INVITATION_SENT: "invited {target} as {role}",
    AuditAction.INVITATION_RESENT: "invited {target} again as {role}",
    AuditAction.INVITATION_REVOKED: "ended the invitation sent to {target}",
    AuditAction.INVITATION_ACCEPTED: "accepted the invitation sent to {target}",
    AuditAction.API_KEY_CREATED: "made the API key {name}",
    AuditAction.API_KEY_REVOKED: "revoked the API key {name}",
    AuditAction.WEBHOOK_CREATED: "made the webhook to {host}",
    AuditAction.WEBHOOK_CHANGED: "changed the webhook to {host}",
    AuditAction.WEBHOOK_DELETED: "deleted the webhook to {host}",
    AuditAction.WEBHOOK_ENABLED: "enabled the webhook to {host}",
    AuditAction.WEBHOOK_DISABLED: "disabled the webhook to {host}",
    AuditAction.WEBHOOK_SECRET_ROTATED: "changed the secret of the webhook to {host}",
    AuditAction.IMPERSONATION_STARTED: "began to work as {target}",
    AuditAction.IMPERSONATION_ENDED: "no longer works as {target}",
}
# A personal team has its person's name, which the log does not keep.
PERSONAL = {
    AuditAction.TEAM_RENAMED: "renamed the personal team",
    AuditAction.TEAM_DELETED: "deleted the personal team",
}
GONE = {"user": "somebody who is gone", "invitation": "an old address", "api_key": "an old key"}


@dataclass(frozen=True)
class Event:
    """One entry in words."""

    at: datetime
    who: str
    what: str
    by_support: bool
    ip_address: str | None


class Details(dict[str, object]):
    """What a sentence is filled with; a word that an old entry lacks is left open."""

    def __missing__(self, word: str) -> str:
        return "unlimited" if word in ("former", "new") else "something"


def told(entries: Iterable[Entry]) -> list[Event]:
    """The entries in words, with one query for each kind of thing that they name."""
    listed = list(entries)
    wanted = {(entry.target_kind, entry.target_id) for entry in listed}
    wanted |= {(entry.actor_kind, entry.actor_id) for entry in listed}
    names = names_of({(kind, number) for kind, number in wanted if number is not None})
    return [event(entry, names) for entry in listed]


def event(entry: Entry, names: Mapping[tuple[str, int | None], str]) -> Event:
    """One entry in words."""
    target = names.get((entry.target_kind, entry.target_id), gone(entry.target_kind))
    details = {word: value for word, value in entry.details.items() if value is not None}
    words = PERSONAL if details.get("personal") else SENTENCES
    sentence = words.get(entry.action, entry.action)  # type: ignore[call-overload]
    return Event(
        at=entry.created_at,
        who=names.get((entry.actor_kind, entry.actor_id), stranger(entry)),
        what=sentence.format_map(Details(details, target=target)),
        by_support=entry.impersonator_id is not None,
        ip_address=entry.ip_address,
    )


def stranger(entry: Entry) -> str:
    """Who did it, when no name is known."""
    if entry.actor_kind == ActorKind.SYSTEM:
        return "The system"
    return gone(entry.actor_kind).capitalize()


def gone(kind: str) -> str:
    """What has no name any more."""
    return GONE.get(kind, "something")


def names_of(wanted: set[tuple[str, int]]) -> dict[tuple[str, int | None], str]:
    """The names of people, invitations and keys that still exist."""
    ids = {kind: {number for each, number in wanted if each == kind} for kind, _ in wanted}
    people = User.objects.filter(pk__in=ids.get("user", ()))
    invitations = Invitation.objects.filter(pk__in=ids.get("invitation", ()))
    keys = ApiKey.objects.filter(pk__in=ids.get("api_key", ()))
    return {
        **{("user", each.pk): str(each) for each in people},
        **{("invitation", each.pk): each.email for each in invitations},
        **{("api_key", each.pk): f"The API key {each.name}" for each in keys},
    }
