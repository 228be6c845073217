"""Yours: what webhooks tell of your product."""

import httpx
import pytest

from core.teams.context import team_scope
from service.db import sessions
from service.product.models import Project
from tests.product.service.test_routes import address, ann, others, team
from tests.service.outgoing.listening import listen, told

__all__ = ["ann", "others", "team"]
pytestmark = pytest.mark.anyio


async def test_the_api_tells_what_becomes_of_a_project(ann: httpx.AsyncClient, team: int) -> None:
    listen(team)
    made = (await ann.post(address(team), json={"name": "Website"})).json()
    path = address(team, made["id"])
    await ann.patch(path, json={"name": "Shop"})
    await ann.post(f"{path}/archive")
    await ann.post(f"{path}/archive")
    await ann.patch(path, json={"name": "Old shop"})
    await ann.post(f"{path}/restore")
    found = told(team)
    updated = "project.updated"
    assert [kind for kind, _ in found] == [
        *("project.created", updated, "project.archived", updated, updated)
    ]
    assert found[0][1]["project"]["id"] == made["id"]
    assert found[1][1]["project"]["name"] == "Shop"
    assert found[2][1]["project"]["archived_at"]


async def test_what_was_rolled_back_is_told_to_nobody(team: int) -> None:
    listen(team)
    async with sessions() as session:
        with team_scope(team):
            session.add(Project(name="Website"))
            await session.flush()
        await session.rollback()
    assert told(team) == []
