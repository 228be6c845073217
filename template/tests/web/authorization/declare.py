"""The words in which tables say who may open a route."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# The name of the team that the tables are about, and a word that no outsider may read.
HOME = "canary-home"


class Visitor(StrEnum):
    """Everybody who tries. The keys are API keys; each has the one scope in its name."""

    ANONYMOUS = "anonymous"
    OUTSIDER = "outsider"  # the owner of another team
    REMOVED = "removed member"
    STAFF = "staff"  # a superuser, in no team
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"
    READ_KEY = "read key"
    WRITE_KEY = "write key"
    REVOKED_KEY = "revoked key"
    OTHER_KEY = "key of another team"


Visitors = frozenset[Visitor]

EVERYBODY: Visitors = frozenset(Visitor)
KEYS: Visitors = frozenset({Visitor.READ_KEY, Visitor.WRITE_KEY, Visitor.OTHER_KEY})
# Pages know no keys, so whoever brings one is a stranger there.
STRANGERS: Visitors = KEYS | {Visitor.ANONYMOUS, Visitor.REVOKED_KEY}
PEOPLE: Visitors = EVERYBODY - STRANGERS
STAFF: Visitors = frozenset({Visitor.STAFF})
OWNERS: Visitors = frozenset({Visitor.OWNER})
MANAGERS: Visitors = OWNERS | {Visitor.ADMIN}
MEMBERS: Visitors = MANAGERS | {Visitor.MEMBER}
READERS: Visitors = MEMBERS | {Visitor.READ_KEY}
WRITERS: Visitors = MEMBERS | {Visitor.WRITE_KEY}
# Who has nothing to do with the team, as far as an address below the team tells.
OUTSIDE: Visitors = frozenset({Visitor.OUTSIDER, Visitor.REMOVED, Visitor.STAFF, Visitor.OTHER_KEY})


@dataclass(frozen=True)
class Page:
    """A page: who gets in, and what the others are answered.

    Parameters
    ----------
    who
        Who gets in.
    method, data
        How it is asked for; `data` is the form.
    status
        What those are answered who get in.
    strangers
        What those are answered who are not signed in; 302 must lead to the login.
    refused
        What the other people are answered; where the address names a team, outsiders get 404.
    """

    who: Visitors
    method: str = "GET"
    data: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    strangers: int = 302
    refused: int = 403


@dataclass(frozen=True)
class Call:
    """An operation of the API: who may call it, and a body that is valid.

    `body` may hold `{words}` of the world, such as `{user_id}`, in its strings. `status` is what
    those are answered who may call it; None for the status of its success.
    """

    who: Visitors
    body: Mapping[str, Any] | None = None
    status: int | None = None
