"""Who may do what in a team. The table below is the one place that says so."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is in a team."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class Scope(StrEnum):
    """What an API key of a team may do."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True)
class Action:
    """Something that may be done in a team, and who may do it."""

    name: str
    allowed: frozenset[Role | Scope]

    def __str__(self) -> str:
        return self.name


def action(name: str, *allowed: Role | Scope) -> Action:
    """One row of the table; `core/product/permissions.py` adds those of the product."""
    return Action(name, frozenset(allowed))


OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER
READ, WRITE = Scope.READ, Scope.WRITE

# fmt: off
#                                                     people               API keys
VIEW_TEAM          = action("view the team",          OWNER, ADMIN, MEMBER, READ)
VIEW_MEMBERS       = action("view the members",       OWNER, ADMIN, MEMBER, READ)
LEAVE_TEAM         = action("leave the team",         OWNER, ADMIN, MEMBER)
RENAME_TEAM        = action("rename the team",        OWNER, ADMIN)
INVITE             = action("invite people",          OWNER, ADMIN)
CHANGE_ROLES       = action("change roles",           OWNER, ADMIN)
REMOVE_MEMBERS     = action("remove members",         OWNER, ADMIN)
MANAGE_API_KEYS    = action("manage API keys",        OWNER, ADMIN)
VIEW_AUDIT_LOG     = action("view the audit log",     OWNER, ADMIN)
VIEW_WEBHOOKS      = action("view webhooks",          OWNER, ADMIN,         READ)
RESEND_WEBHOOKS    = action("send webhooks again",    OWNER, ADMIN,         WRITE)
# A webhook reads along for good, so no key makes one that outlives the key.
MANAGE_WEBHOOKS    = action("manage webhooks",        OWNER, ADMIN)
TRANSFER_OWNERSHIP = action("transfer the ownership", OWNER)
DELETE_TEAM        = action("delete the team",        OWNER)
# fmt: on


def may(granted: Iterable[Role | Scope], wanted: Action) -> bool:
    """Whether somebody with this role, or a key with these scopes, may do it."""
    return not wanted.allowed.isdisjoint(granted)
