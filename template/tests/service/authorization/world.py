"""Two teams that must not see each other, and everybody who may try.

Whatever belongs to a team has its canary in it: a word that nobody else may ever be shown.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from core.outgoing import desk
from core.outgoing.schemas import NewWebhook
from core.tokens import digest, new_token
from tests.emptying import empty
from tests.service.authorization.declare import MEMBERS, Visitor
from tests.service.authorization.table import FURNISH
from tests.service.conftest import add_member, execute_on, insert

Database = psycopg.Connection[dict[str, Any]]
HOME = "canary-home"
OTHER = "canary-other"


@dataclass
class World:
    """The tokens of those who try, and the ids of what the team at home has."""

    home: dict[str, Any]
    # What the outsider has received.
    received: dict[str, Any]
    tokens: dict[Visitor, str] = field(default_factory=dict)

    def hidden_from(self, visitor: Visitor) -> list[str]:
        """What this visitor must never read."""
        if visitor in MEMBERS | {Visitor.READ_KEY, Visitor.WRITE_KEY}:
            return [OTHER]
        if visitor in (Visitor.OUTSIDER, Visitor.OTHER_KEY):
            return [HOME]
        return [HOME, OTHER]


@dataclass
class Maker:
    """Makes the world, with the fixtures' own means."""

    database: Database
    make_user: Callable[..., int]
    make_team: Callable[..., int]
    make_token: Callable[..., str]
    make_key: Callable[..., str]

    def person(self, name: str, word: str, **fields: Any) -> int:
        """Somebody whose name and address hold the word."""
        return self.make_user(f"{name}@{word}.example", name=f"{word} {name}", **fields)

    def rows(self, team_id: int, owner: int, word: str) -> dict[str, Any]:
        """One of everything that a team can have; the ids are named as in addresses."""
        target = self.person("target", word)
        add_member(self.database, team_id, target, "member")
        self.make_key(team_id, name=f"{word} target")
        key = self.database.execute("SELECT max(id) AS id FROM teams_apikey").fetchone()
        assert key
        ids = {
            "team_id": team_id,
            "user_id": target,
            "invitation_id": self.invitation(team_id, f"guest@{word}.example", owner),
            "api_key_id": key["id"],
            "passkey_id": 1,
            "session_id": 2**40,
            "account_id": 1,
            "provider_id": "nobody",
            "source": "nobody",
            **self.webhook(team_id, word),
        }
        for furnish in FURNISH:
            ids |= furnish(self.database, team_id, owner, word)
        return ids

    def invitation(self, team_id: int, email: str, by: int, token: str | None = None) -> int:
        """Somebody who may join."""
        return insert(
            self.database,
            "teams_invitation",
            team_id=team_id,
            email=email,
            role="member",
            invited_by_id=by,
            digest=digest(token) if token else None,
            created_at=datetime.now(UTC),
            expires_at=datetime.now(UTC) + timedelta(days=1),
        )

    def webhook(self, team_id: int, word: str) -> dict[str, Any]:
        """A webhook that was sent something."""
        execute = execute_on(self.database)
        wanted = NewWebhook(url=f"https://{word}.example/hook", description=word)
        made = desk.create_webhook(execute, team_id, wanted)
        sent = desk.send_test(execute, team_id, made.id, "webhook.test")
        return {"webhook_id": made.id, "delivery_id": sent.id}

    def world(self) -> World:
        """Everything that the table needs, in empty tables."""
        empty(self.database, "accounts_user")
        owner, outsider = self.person("owner", HOME), self.person("outsider", OTHER)
        home, other = self.make_team(HOME, owner=owner), self.make_team(OTHER, owner=outsider)
        # Second owners, so that the first may go.
        for team_id, word in ((home, HOME), (other, OTHER)):
            add_member(self.database, team_id, self.person("partner", word), "owner")
        people = {
            Visitor.OWNER: owner,
            Visitor.OUTSIDER: outsider,
            Visitor.ADMIN: self.person("admin", HOME),
            Visitor.MEMBER: self.person("member", HOME),
            # A membership that is gone leaves no trace.
            Visitor.REMOVED: self.person("removed", "neutral"),
            Visitor.STAFF: self.person("staff", "neutral", is_staff=True, is_superuser=True),
        }
        for visitor in (Visitor.ADMIN, Visitor.MEMBER):
            add_member(self.database, home, people[visitor], visitor.value)
        host = self.person("host", "neutral")
        token = new_token("invite")
        inviting = self.make_team("Neutral", owner=host)
        invitation = self.invitation(inviting, f"outsider@{OTHER}.example", host, token)
        past = datetime.now(UTC) - timedelta(seconds=1)
        both = ("read", "write")
        tokens = {visitor: self.make_token(user_id) for visitor, user_id in people.items()}
        tokens |= {
            Visitor.READ_KEY: self.make_key(home, "read"),
            Visitor.WRITE_KEY: self.make_key(home, "write"),
            Visitor.OTHER_KEY: self.make_key(other, *both),
            Visitor.REVOKED_KEY: self.make_key(home, *both, revoked_at=past),
            Visitor.EXPIRED_KEY: self.make_key(home, *both, expires_at=past),
        }
        received = {"invitation_id": invitation, "token": token}
        return World(self.rows(home, owner, HOME), received, tokens)
