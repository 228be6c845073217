"""A person stops an answer from wherever they are, and it is true."""

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial

import pytest
from fastapi import FastAPI

from sandbox.llm.thread import RunningLlm
from tests.service.assistant.streams.conftest import People, Service
from tests.service.assistant.streams.kept import Database, answers, tokens
from tests.service.assistant.streams.person import Person
from tests.service.conftest import make_client

pytestmark = pytest.mark.anyio

Start = Callable[..., "contextlib.AbstractContextManager[Service]"]


async def stop(person: Person, conversation: str, message_id: int) -> dict[str, object]:
    """Ask for it; the answer as it was then."""
    async with person.session.post(f"{conversation}/messages/{message_id}/stop") as response:
        assert response.status == 200, await response.text()
        return dict(await response.json())


async def test_who_stops_an_answer_twice_stops_it_once_for_all_who_listen(
    ann: Person, llm: RunningLlm, database: Database
) -> None:
    llm.hold_after = 2
    conversation = await ann.begin()
    async with ann.ask(conversation) as stream:
        await stream.read_text("One two")
        async with ann.follow(conversation, stream.message_id) as follower:
            await follower.read()
            for _ in range(2):
                told = await stop(ann, conversation, stream.message_id)
                assert told["status"] in {"streaming", "stopped"}
            end = await stream.read_all()
            assert (await follower.read_all()).data == end.data
    message = end.data["message"]
    assert (end.name, message["status"], message["error"]) == ("end", "stopped", "")
    assert message["content"] == follower.text == "One two"
    await asyncio.to_thread(llm.wait, lambda: llm.left == 1, 1.0)
    (row,) = answers(database, ann.team_id)
    assert tokens(database, ann.team_id) == [row["prompt_tokens"] + 2]


async def test_another_process_stops_it_as_well(
    ann: Person, llm: RunningLlm, app: FastAPI, database: Database
) -> None:
    llm.hold_after = 1
    conversation = await ann.begin()
    path = f"/assistant/{conversation.partition('/assistant/')[2]}"
    token = ann.session.headers["Authorization"].removeprefix("Bearer ")
    async with ann.ask(conversation) as stream, make_client(app, token=token) as elsewhere:
        await stream.read_text("One")
        told = await elsewhere.post(f"{path}/messages/{stream.message_id}/stop")
        assert told.json()["status"] == "streaming"
        end = await asyncio.wait_for(stream.read_all(), 3)
    assert (end.name, end.data["message"]["status"]) == ("end", "stopped")
    (row,) = answers(database, ann.team_id)
    assert (row["status"], row["content"]) == ("stopped", "One")


async def test_what_has_ended_stays_as_it_is(
    ann: Person, llm: RunningLlm, database: Database
) -> None:
    conversation = await ann.begin()
    async with ann.ask(conversation) as stream:
        end = await stream.read_all()
    before = answers(database, ann.team_id)
    assert await stop(ann, conversation, stream.message_id) == end.data["message"]
    assert answers(database, ann.team_id) == before


async def test_nobody_stops_an_answer_of_somebody_else(
    ann: Person, people: People, service: Service, llm: RunningLlm
) -> None:
    llm.hold_after = 1
    conversation = await ann.begin()
    async with ann.ask(conversation) as stream, people(service) as bob:
        await stream.read_text("One")
        number = conversation.rpartition("/")[2]
        own = await bob.begin()
        for theirs in (conversation, f"{bob.url}/{number}", own):
            url = f"{theirs}/messages/{stream.message_id}/stop"
            async with bob.session.post(url) as response:
                assert response.status == 404
        llm.hold_after = None
        assert (await stream.read_all()).data["message"]["status"] == "complete"


async def test_a_server_that_stops_sends_followers_elsewhere(
    start: Start, people: People, llm: RunningLlm, service: Service
) -> None:
    """An answer that another server writes does not break off with it."""
    llm.hold_after = 1
    with start(SERVICE_STREAMS_END_SECONDS="0") as leaving:
        async with people(service) as person:
            conversation = await person.begin()
            async with person.ask(conversation) as stream:
                await stream.read_text("One")
                there = conversation.replace(service.url, leaving.url)
                async with person.follow(there, stream.message_id) as follower:
                    await follower.read()
                    leaving.program.process.terminate()
                    last = await follower.read_all()
                assert last.name in {"start", "token"}
                llm.hold_after = None
                async with person.follow(conversation, stream.message_id, last.id) as rest:
                    await rest.read_all()
                assert follower.text + rest.text == "One two three"


async def test_a_database_that_is_away_for_a_moment_ends_no_following(
    start: Start, people: People, llm: RunningLlm, database: Database
) -> None:
    llm.hold_after = 1
    others = backends(database)
    with start() as service:
        async with people(service) as person:
            conversation = await person.begin()
            async with person.ask(conversation) as stream:
                await stream.read_text("One")
                async with person.follow(conversation, stream.message_id) as follower:
                    await follower.read()
                    for each in backends(database) - others:
                        database.execute("SELECT pg_terminate_backend(%s)", [each])
                    failed = partial(service.program.log_until, event="answer not looked at")
                    await asyncio.to_thread(failed)
                    llm.hold_after = None
                    await stream.read_all()
                    end = await follower.read_all()
    assert (end.name, follower.text) == ("end", "One two three")


def backends(database: Database) -> set[int]:
    """Who is connected to the database of the tests."""
    rows = database.execute(
        "SELECT pid FROM pg_stat_activity"
        " WHERE datname = current_database() AND backend_type = 'client backend'"
    ).fetchall()
    return {int(row["pid"]) for row in rows}
