"""Yours: what the service promises outside `/api/v1`."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from sandbox.sources.source import Behaviour
from sandbox.sources.thread import RunningSources, sources_in_thread
from service.fanout import open_upstreams
from tests.product.service.endpoints_authorization import furnish
from tests.service.conftest import make_client

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def sources() -> Iterator[RunningSources]:
    """The sandbox's sources, all of which answer at once."""
    with sources_in_thread() as sources:
        for source in sources.values():
            source.behaviour, source.seconds = Behaviour.ANSWERS, 0.0
        yield sources


@pytest.fixture
async def asking(app: FastAPI, sources: RunningSources) -> AsyncIterator[None]:
    """The service asks those."""
    before = app.state.upstreams
    async with open_upstreams(sources.addresses) as app.state.upstreams:
        yield
    app.state.upstreams = before


@pytest.fixture
def team(make_user: Callable[..., int], make_team: Callable[..., int]) -> int:
    """Ann's team."""
    return make_team("Acme", owner=make_user("ann@example.com"))


@pytest.fixture
async def ann(
    app: FastAPI, database: Database, team: int, make_token: Callable[..., str]
) -> AsyncIterator[httpx.AsyncClient]:
    """The owner of the team."""
    async with make_client(app, token=make_token(somebody(database))) as client:
        yield client


def somebody(database: Database) -> int:
    """Whoever came first: Ann."""
    row = database.execute("SELECT id FROM accounts_user ORDER BY id").fetchone()
    assert row
    return int(row["id"])


def address(database: Database, team: int) -> str:
    """The address of what is known of a new project of a team."""
    project = furnish(database, team, somebody(database), "Web & Co")["project_id"]
    return f"/service/teams/{team}/projects/{project}/enrichment"


@pytest.mark.usefixtures("asking")
async def test_what_the_sources_know_is_told(
    ann: httpx.AsyncClient, team: int, database: Database, sources: RunningSources
) -> None:
    sources["maps"].behaviour = Behaviour.FAILS
    sources["archive"].behaviour = Behaviour.BABBLES
    answer = await ann.get(address(database, team))
    assert answer.status_code == 200
    told = answer.json()
    assert told["missing"] == {"maps": "status", "archive": "unreadable"}
    assert set(told["facts"]) == {"register", "news", "reviews"}
    assert told["facts"]["news"] == [{"title": "News", "text": "Knows of Web & Co project"}]


@pytest.mark.usefixtures("asking")
async def test_a_source_that_hangs_costs_no_more_than_its_time(
    ann: httpx.AsyncClient, team: int, database: Database, sources: RunningSources
) -> None:
    sources["news"].behaviour = Behaviour.HANGS
    told = (await ann.get(address(database, team))).json()
    assert told["missing"] == {"news": "timeout"}
    assert len(told["facts"]) == 4


@pytest.mark.usefixtures("asking")
async def test_nobody_is_asked_about_the_project_of_another_team(
    ann: httpx.AsyncClient,
    team: int,
    database: Database,
    make_team: Callable[..., int],
    sources: RunningSources,
) -> None:
    others = make_team("Others")
    theirs = address(database, others)
    through_ours = theirs.replace(f"/teams/{others}/", f"/teams/{team}/")
    for path in (theirs, through_ours):
        assert (await ann.get(path)).status_code == 404
    assert [source.asked for source in sources.values()] == [0] * 5


async def test_without_sources_nothing_is_known(
    ann: httpx.AsyncClient, team: int, database: Database
) -> None:
    answer = await ann.get(address(database, team))
    assert answer.json() == {"facts": {}, "missing": {}}
