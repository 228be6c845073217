"""A team, and people who are in it and who are not."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from tests.service.conftest import make_client

API = "/api/v1"
ROLES = ("owner", "admin", "member")


@dataclass(frozen=True)
class Acme:
    """The team, whom it has by role, and a client for each; `outsider` is not in it."""

    id: int
    ids: dict[str, int]
    clients: dict[str, httpx.AsyncClient]
    database: psycopg.Connection[dict[str, Any]]

    async def ask(self, who: str, method: str, path: str = "", **body: Any) -> httpx.Response:
        """A request about the team."""
        url = f"{API}/teams/{self.id}{path}"
        return await self.clients[who].request(method, url, json=body or None)

    def roles(self) -> dict[int, str]:
        """Who is in the team, and as what."""
        rows = self.database.execute(
            "SELECT user_id, role FROM teams_membership WHERE team_id = %s", [self.id]
        )
        return {row["user_id"]: row["role"] for row in rows}

    def audit(self) -> list[tuple[str, int | None, Any]]:
        """What was done in the team: the action, the target and the details."""
        rows = self.database.execute(
            "SELECT action, target_id, details FROM audit_entry WHERE team_id = %s ORDER BY id",
            [self.id],
        )
        return [(row["action"], row["target_id"], row["details"]) for row in rows]


@pytest.fixture
async def acme(
    app: FastAPI,
    database: psycopg.Connection[dict[str, Any]],
    make_user: Callable[..., int],
    make_token: Callable[..., str],
    make_team: Callable[..., int],
) -> AsyncIterator[Acme]:
    ids = {
        who: make_user(f"{who}@example.com", name=who.capitalize()) for who in (*ROLES, "outsider")
    }
    team_id = make_team("Acme", **{role: ids[role] for role in ROLES})
    async with AsyncExitStack() as stack:
        clients = {
            who: await stack.enter_async_context(make_client(app, token=make_token(user_id)))
            for who, user_id in ids.items()
        }
        yield Acme(team_id, ids, clients, database)
