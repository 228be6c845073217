"""A route below a team is reached by whom the table of roles lets in, and works for that team."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from core.teams.context import NoTeam, current_team_id
from core.teams.roles import ADMIN, OWNER, WRITE, action
from service.teams.dependencies import CurrentMembership, CurrentTeam, permit
from tests.service.conftest import make_client

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]
PAINT = action("paint the wall", OWNER, ADMIN, WRITE)


@pytest.fixture(autouse=True)
def routes(app: FastAPI) -> Iterator[None]:
    async def walls(team: CurrentTeam) -> list[int]:
        return [team.id, current_team_id()]

    async def mine(team: CurrentMembership) -> str:
        return str(team.caller.name)

    app.router.add_api_route("/teams/{team_id}/walls", walls)
    app.router.add_api_route("/teams/{team_id}/paint", walls, dependencies=[permit(PAINT)])
    app.router.add_api_route("/teams/{team_id}/mine", mine)
    yield
    del app.router.routes[-3:]


async def status(app: FastAPI, token: str, team_id: int, what: str) -> tuple[int, str]:
    async with make_client(app, token=token) as client:
        answer = await client.get(f"/teams/{team_id}/{what}")
    kind = answer.json()["type"] if answer.status_code >= 400 else ""
    return answer.status_code, kind.removeprefix("urn:problem:")


async def test_the_table_of_roles_decides(
    app: FastAPI,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
    make_team: Callable[..., int],
    make_key: Callable[..., str],
) -> None:
    people = {
        role: make_user(f"{role}@example.com") for role in ("owner", "admin", "member", "outsider")
    }
    team_id = make_team(**{role: id_ for role, id_ in people.items() if role != "outsider"})
    tokens = {role: make_token(user_id) for role, user_id in people.items()}
    tokens |= {"reader": make_key(team_id), "writer": make_key(team_id, "write")}
    tokens |= {"foreign key": make_key(make_team("Other"), "read", "write")}
    fine, forbidden, missing = (200, ""), (403, "forbidden"), (404, "not-found")
    expected = {
        "owner": (fine, fine, fine),
        "admin": (fine, fine, fine),
        "member": (fine, forbidden, fine),
        "outsider": (missing, missing, missing),
        "reader": (fine, forbidden, (403, "person-required")),
        "writer": (fine, fine, (403, "person-required")),
        "foreign key": (missing, missing, missing),
    }
    for who, statuses in expected.items():
        for what, answer in zip(("walls", "paint", "mine"), statuses, strict=True):
            assert await status(app, tokens[who], team_id, what) == answer, (who, what)
        # No team at all is answered like a team of others.
        assert await status(app, tokens[who], 2**40, "walls") == missing, who


async def test_the_scope_is_the_team_of_the_path_and_ends_with_the_request(
    app: FastAPI,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
    make_team: Callable[..., int],
) -> None:
    ann = make_user()
    teams = [make_team("One", owner=ann), make_team("Two", owner=ann)]
    async with make_client(app, token=make_token(ann)) as client:
        for team_id in teams:
            answer = await client.get(f"/teams/{team_id}/walls")
            assert answer.json() == [team_id, team_id]
            with pytest.raises(NoTeam):
                current_team_id()
