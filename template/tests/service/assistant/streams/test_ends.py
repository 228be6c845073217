"""A server that stops ends its answers with an event; one that is killed costs seconds."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from core.assistant.sweep import LEASE, sweep
from sandbox.llm.thread import RunningLlm
from tests.service.assistant.streams.conftest import People, Service
from tests.service.assistant.streams.kept import Database, answers, tokens
from tests.service.assistant.streams.person import Person
from tests.service.plan import is_metered
from tests.waiting import until

pytestmark = pytest.mark.anyio

Start = Callable[..., "contextlib.AbstractContextManager[Service]"]


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


async def test_a_killed_server_loses_seconds_of_an_answer_and_no_token(
    start: Start, people: People, llm: RunningLlm, service: Service, database: Database
) -> None:
    llm.hold_after = 1
    with start() as doomed:
        async with people(doomed) as person:
            conversation = await person.begin()
            async with person.ask(conversation) as stream:
                await stream.read_text("One")
                kept = partial(is_kept, database, person.team_id, "One")
                await asyncio.to_thread(until, kept)
                os.killpg(doomed.program.process.pid, signal.SIGKILL)
    llm.hold_after = None
    url = conversation.replace(doomed.url, service.url)
    async with people(service) as other:
        other.session.headers.update(person.session.headers)
        async with other.ask(url, status=409):
            pass
        assert tokens(database, person.team_id) == []
        leave_alone(database)
        async with other.follow(url, stream.message_id) as rest:
            error = await rest.read_all()
        assert (rest.text, error.data["type"]) == ("One", "urn:problem:answer-lost")
        async with other.ask(url) as stream:
            assert (await stream.read_all()).name == "end"
    former, latter = answers(database, person.team_id)
    assert (former["status"], former["error"]) == ("failed", "urn:problem:answer-lost")
    assert (former["content"], former["completion_tokens"]) == ("One", 1)
    assert latter["status"] == "complete"
    assert tokens(database, person.team_id) == [
        former["prompt_tokens"] + 1,
        latter["prompt_tokens"] + 3,
    ]


@pytest.mark.parametrize("found_by", ["DELETE", "POST"])
async def test_what_was_lost_is_in_nobodys_way(
    ann: Person, llm: RunningLlm, database: Database, found_by: str
) -> None:
    conversation = await ann.begin()
    async with ann.ask(conversation) as stream:
        await stream.read_all()
    database.execute("DELETE FROM assistant_usage WHERE team_id = %s", [ann.team_id])
    database.execute("UPDATE assistant_message SET status = 'streaming' WHERE role = 'assistant'")
    leave_alone(database)
    deletes = found_by == "DELETE"
    url = conversation if deletes else f"{conversation}/messages/{stream.message_id}/stop"
    async with ann.session.request(found_by, url) as response:
        assert response.status == (204 if deletes else 200)
    assert [row["status"] for row in answers(database, ann.team_id)] == ["failed"] * (not deletes)
    ledger = database.execute("SELECT FROM assistant_usage WHERE team_id = %s", [ann.team_id])
    assert ledger.rowcount == 1


async def test_an_answer_given_up_too_early_is_kept_by_its_own_process_and_counted_once(
    ann: Person, llm: RunningLlm, database: Database
) -> None:
    """As when the database was away for longer than the lease."""
    llm.text, llm.hold_after = " ".join(["word"] * 100), 1
    async with ann.ask(await ann.begin()) as stream:
        await stream.read_text("word")
        sweep(partial(execute, database))
        (row,) = answers(database, ann.team_id)
        assert row["status"] == "streaming"
        with database.transaction():
            leave_alone(database)
            sweep(partial(execute, database))
        (row,) = answers(database, ann.team_id)
        assert row["status"] == "failed"
        (counted,) = tokens(database, ann.team_id)
        llm.hold_after = None
        end = await stream.read_all()
    (row,) = answers(database, ann.team_id)
    assert (row["status"], row["content"], row["error"]) == ("complete", llm.text, "")
    assert end.data["message"]["content"] == row["content"]
    total = row["prompt_tokens"] + 100
    ledger = database.execute(
        "SELECT tokens FROM assistant_usage WHERE team_id = %s", [ann.team_id]
    ).fetchall()
    assert [spent["tokens"] for spent in ledger] == [total]
    assert is_metered(database, ann.team_id, "tokens", [counted, total - counted])


def execute(database: Database, statement: str, parameters: Mapping[str, Any]) -> list[Any]:
    """Run a statement as `core` wants it."""
    cursor = database.execute(statement, parameters)
    return [tuple(row.values()) for row in cursor.fetchall()] if cursor.description else []


def leave_alone(database: Database) -> None:
    """Let the answers that are being written have been so for too long, with nobody at them."""
    database.execute(
        "UPDATE assistant_message SET seen_at = now() - %s * interval '1 s'"
        " WHERE status = 'streaming'",
        [LEASE + 1],
    )


def is_kept(database: Database, team_id: int, text: str) -> bool:
    """Whether the team's answer is kept so far."""
    (row,) = answers(database, team_id)
    return bool(row["content"] == text)
