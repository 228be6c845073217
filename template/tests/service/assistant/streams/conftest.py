"""A running server, the model that it asks, and people who talk to it."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import psycopg
import pytest

from sandbox.llm.model import Fault
from sandbox.llm.thread import RunningLlm, llm_in_thread
from sandbox.ports import free_port
from tests.background import Background, background
from tests.service.assistant.streams.person import Person
from tests.waiting import wait_until_listening

Database = psycopg.Connection[dict[str, Any]]

# What the plan that costs nothing allows as well.
STREAMS = 2
TOKENS = 50_000
LIMITS = {
    "ASSISTANT_STREAMS": str(STREAMS),
    "ASSISTANT_TOKENS": str(TOKENS),
    "ASSISTANT_FIRST_TOKEN_SECONDS": "3",
    "ASSISTANT_NEXT_TOKEN_SECONDS": "3",
}


@dataclass(frozen=True)
class Service:
    """The server, as a process of its own."""

    port: int
    program: Background

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="package")
def model() -> Iterator[RunningLlm]:
    """The model that every server here asks."""
    with llm_in_thread() as model:
        yield model


@pytest.fixture
def llm(model: RunningLlm) -> RunningLlm:
    """It is as at first, and nobody was answered."""
    model.fault, model.text, model.hold_after, model.pace = Fault.NONE, "One two three", None, 0.0
    model.wait(lambda: model.open == 0)
    model.asked.clear()
    model.ended = model.left = model.most_at_once = 0
    return model


@pytest.fixture(scope="package")
def start(
    database: Database, model: RunningLlm
) -> Callable[..., "contextlib.AbstractContextManager[Service]"]:
    """Starts a server of its own for a test that ends it."""

    @contextlib.contextmanager
    def started(**environment: str) -> Iterator[Service]:
        port = free_port()
        command = ("granian", "--interface", "asgi", "--port", str(port), "service.main:app")
        variables = {**model.environment, **LIMITS, **environment}
        with background(*command, ready="Started worker", **variables) as program:
            wait_until_listening(port)
            yield Service(port, program)

    return started


@pytest.fixture(scope="package")
def service(
    start: Callable[..., "contextlib.AbstractContextManager[Service]"],
) -> Iterator[Service]:
    """The server that most tests share."""
    with start() as service:
        yield service


People = Callable[..., "contextlib.AbstractAsyncContextManager[Person]"]


@pytest.fixture
def people(
    make_user: Callable[..., int], make_team: Callable[..., int], make_token: Callable[..., str]
) -> People:
    """Makes somebody in a team of their own, whose plan costs nothing."""
    numbers = iter(range(1000))

    @contextlib.asynccontextmanager
    async def person(service: Service) -> AsyncIterator[Person]:
        user_id = make_user(f"person{next(numbers)}@example.com")
        team_id = make_team("Acme", owner=user_id, free=True)
        headers = {"Authorization": f"Bearer {make_token(user_id)}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            url = f"{service.url}/assistant/teams/{team_id}/conversations"
            yield Person(session, url, team_id, user_id)

    return person


@pytest.fixture
async def ann(people: People, service: Service) -> AsyncIterator[Person]:
    """Somebody at the server that most tests share."""
    async with people(service) as person:
        yield person
