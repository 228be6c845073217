"""People, who call the API and try again when nobody answers."""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
from psycopg import sql

from core.passwords import unusable_password
from core.tokens import digest, new_token
from sandbox.plain import NO_TLS
from tests import PATIENCE
from tests.billing.world import World

API = "/api/v1"


@dataclass(frozen=True)
class Person:
    """Somebody with an account and a token."""

    world: World = field(repr=False)
    id: int
    email: str
    token: str

    def call(self, method: str, path: str, **body: object) -> httpx.Response:
        """What the API answers. What got no answer is sent again, under the same key."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if method == "POST":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        json = body if method in {"POST", "PATCH"} else None
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return httpx.request(
                    method,
                    self.world.url(API + path),
                    headers=headers,
                    json=json,
                    timeout=30,
                    verify=NO_TLS,
                )
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
                self.world.look_after()
                time.sleep(0.05)

    def ask(self, method: str, path: str, **body: object) -> Any:
        """What the API answers to what it must not refuse."""
        answer = self.call(method, path, **body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def accept(self, team_name: str) -> httpx.Response:
        """Accept the invitation into a team."""
        for invitation in self.ask("GET", "/me/invitations"):
            if invitation["team_name"] == team_name:
                return self.call("POST", f"/me/invitations/{invitation['id']}/accept")
        raise AssertionError(f"{self.email} is not invited to {team_name}")


def make_person(world: World, name: str) -> Person:
    """Somebody new, with a verified address."""
    email, token = f"{name}@example.com", new_token("session")
    with psycopg.connect(world.postgres.url) as connection:
        user_id = insert(
            connection,
            "accounts_user",
            email=email,
            name=name.capitalize(),
            password=unusable_password(),
            is_active=True,
            is_staff=False,
            is_superuser=False,
            date_joined="now",
        )
        insert(
            connection,
            "account_emailaddress",
            user_id=user_id,
            email=email,
            verified=True,
            primary=True,
        )
        insert(
            connection,
            "accounts_accesstoken",
            user_id=user_id,
            kind="session",
            digest=digest(token),
            session_digest="",
            user_agent="",
            created_at="now",
            expires_at="tomorrow",
        )
    return Person(world, user_id, email, token)


def insert(connection: psycopg.Connection, table: str, **values: object) -> int:
    """Insert a row; answers its id."""
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(map(sql.Placeholder, values)),
    )
    row = connection.execute(statement, values).fetchone()
    assert row
    return int(row[0])
