"""The words in which the tables say who may use a route."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Visitor(StrEnum):
    """Everybody who tries. The keys are API keys; the first two have the scope in their name."""

    ANONYMOUS = "anonymous"
    OUTSIDER = "outsider"  # the owner of another team
    REMOVED = "removed member"
    STAFF = "staff"  # a superuser, in no team
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"
    READ_KEY = "read key"
    WRITE_KEY = "write key"
    OTHER_KEY = "key of another team"
    REVOKED_KEY = "revoked key"
    EXPIRED_KEY = "expired key"


Visitors = frozenset[Visitor]

EVERYBODY: Visitors = frozenset(Visitor)
# Who is not known at all.
STRANGERS: Visitors = frozenset({Visitor.ANONYMOUS, Visitor.REVOKED_KEY, Visitor.EXPIRED_KEY})
KEYS: Visitors = frozenset({Visitor.READ_KEY, Visitor.WRITE_KEY, Visitor.OTHER_KEY})
PEOPLE: Visitors = EVERYBODY - STRANGERS - KEYS
OWNERS: Visitors = frozenset({Visitor.OWNER})
MANAGERS: Visitors = OWNERS | {Visitor.ADMIN}
MEMBERS: Visitors = MANAGERS | {Visitor.MEMBER}
READERS: Visitors = MEMBERS | {Visitor.READ_KEY}
WRITERS: Visitors = MEMBERS | {Visitor.WRITE_KEY}
INVITED: Visitors = frozenset({Visitor.OUTSIDER})
# Whom an address below a team tells no more than that there is no such team.
OUTSIDE: Visitors = frozenset({Visitor.OUTSIDER, Visitor.REMOVED, Visitor.STAFF, Visitor.OTHER_KEY})


@dataclass(frozen=True)
class Rule:
    """Who may use a route, and what is sent to find out.

    Parameters
    ----------
    who
        Who gets in. The others are answered 401 when they are not known, 404 when the route is
        below a team that is not theirs, and else 403.
    body
        A body that is valid; its strings may hold names of the world, such as `{user_id}`.
    status
        What those are answered who get in, where that is not a success: some routes want a proof
        or an address that no visitor has.
    refused
        What other people are answered, where 403 would tell them something.
    """

    who: Visitors
    body: Mapping[str, Any] | None = None
    status: int = 0
    refused: int = 403

    def expected(self, visitor: Visitor, *, below_team: bool) -> int:
        """The status that this visitor must get; 0 for any success."""
        if visitor in self.who:
            return self.status
        if visitor in STRANGERS:
            return 401
        if below_team and visitor in OUTSIDE:
            return 404
        return 403 if visitor in KEYS else self.refused
