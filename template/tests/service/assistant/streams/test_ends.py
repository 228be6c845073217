"""A server that stops ends its answers with an event; one that is killed blocks nobody for ever."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable

import pytest

from core.assistant.sweep import FAIL_LOST, SLACK, lost
from sandbox.llm.thread import RunningLlm
from tests.service.assistant.streams.conftest import People, Service
from tests.service.assistant.streams.kept import Database, answers, tokens, until

pytestmark = pytest.mark.anyio

Start = Callable[..., "contextlib.AbstractContextManager[Service]"]
LONGEST = 600  # seconds, as in the settings


async def test_a_server_that_stops_ends_its_answers_with_an_event(
    start: Start, people: People, llm: RunningLlm, database: Database
) -> None:
    llm.hold_after = 2
    with start(SERVICE_STREAMS_END_SECONDS="0") as service:
        async with people(service) as person:
            conversation = await person.begin()
            async with person.ask(conversation) as stream:
                await stream.read_text("One two")
                service.program.process.terminate()
                end = await stream.read_all()
            message = end.data["message"]
            assert (end.name, message["status"]) == ("end", "stopped")
            assert message["error"] == "urn:problem:server-stopping"
            await asyncio.to_thread(service.program.process.wait, 5)
    (row,) = answers(database, person.team_id)
    assert (row["status"], row["content"]) == ("stopped", "One two")
    assert tokens(database, person.team_id) == [row["prompt_tokens"] + 2]
    assert llm.left == 1


async def test_a_killed_server_blocks_nobody_for_longer_than_the_longest_answer(
    start: Start, people: People, llm: RunningLlm, service: Service, database: Database
) -> None:
    llm.hold_after = 1
    with start() as doomed:
        async with people(doomed) as person:
            conversation = await person.begin()
            async with person.ask(conversation) as stream:
                await stream.read_text("One")
                os.killpg(doomed.program.process.pid, signal.SIGKILL)
    llm.hold_after = None
    url = conversation.replace(doomed.url, service.url)
    headers = dict(person.session.headers)
    (row,) = answers(database, person.team_id)
    assert row["status"] == "streaming"
    async with people(service) as other:
        other.session.headers.update(headers)
        async with other.ask(url, status=409):
            pass
        database.execute(
            "UPDATE assistant_message SET created_at = created_at - %s * interval '1 s'",
            [LONGEST + SLACK],
        )
        async with other.ask(url) as stream:
            assert (await stream.read_all()).name == "end"
    former, latter = answers(database, person.team_id)
    assert (former["status"], former["error"]) == ("failed", "urn:problem:answer-lost")
    assert latter["status"] == "complete"
    assert len(tokens(database, person.team_id)) == 1


async def test_what_was_lost_is_swept_up_and_what_is_written_is_not(
    people: People, llm: RunningLlm, service: Service, database: Database
) -> None:
    llm.hold_after = 1
    async with people(service) as person:
        conversation = await person.begin()
        async with person.ask(conversation) as stream:
            await stream.read_text("One")
            database.execute(FAIL_LOST, lost())
            (row,) = answers(database, person.team_id)
            assert row["status"] == "streaming"
            database.execute(
                "UPDATE assistant_message SET created_at = created_at - interval '1 hour'"
            )
            database.execute(FAIL_LOST, lost())
            llm.hold_after = None
            await stream.read_all()
    # Its own process came too late: what was told once stays, and the tokens are counted.
    (row,) = answers(database, person.team_id)
    assert (row["status"], row["content"]) == ("failed", "")
    await asyncio.to_thread(until, lambda: len(tokens(database, person.team_id)) == 1)
