"""However many ask at once, a team has no more answers and tokens than it may."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack
from datetime import UTC, datetime

import pytest

from sandbox.llm.thread import RunningLlm
from tests.service.assistant.streams.conftest import STREAMS, TOKENS, People, Service
from tests.service.assistant.streams.kept import Database, answers, tokens
from tests.service.assistant.streams.person import Person
from tests.service.conftest import insert

pytestmark = pytest.mark.anyio


class Crowd:
    """Asks many times at once; whoever is answered stays until they are let go."""

    def __init__(self, person: Person, llm: RunningLlm) -> None:
        self.person, self.llm = person, llm
        self.refused: list[tuple[int, str]] = []
        self.streams = 0

    async def ask(self, conversations: list[str]) -> None:
        """Ask in each of these, and let the answers go when everybody knows where they are."""
        self.llm.hold_after = 0
        async with asyncio.TaskGroup() as group:
            for conversation in conversations:
                group.create_task(self.ask_once(conversation, len(conversations)))

    async def ask_once(self, conversation: str, number: int) -> None:
        async with self.person.ask(conversation, status=0) as stream:
            if stream.response.status == 200:
                self.streams += 1
            else:
                kind = (await stream.response.json())["type"].removeprefix("urn:problem:")
                self.refused.append((stream.response.status, kind))
                waits = stream.response.status == 429
                assert ("Retry-After" in stream.response.headers) == waits
            if self.streams + len(self.refused) == number:
                self.llm.hold_after = None
            if stream.response.status == 200:
                assert (await stream.read_all()).name == "end"


def use(database: Database, team_id: int, used: int) -> None:
    """Let the team have used this many tokens."""
    now = datetime.now(UTC)
    insert(
        database, "assistant_usage", team_id=team_id, message_id=2**40, tokens=used, created_at=now
    )


async def test_a_team_has_so_many_answers_at_once_and_then_more(
    ann: Person, llm: RunningLlm, database: Database
) -> None:
    conversations = [await ann.begin() for _ in range(8)]
    crowd = Crowd(ann, llm)
    await crowd.ask(conversations)
    assert crowd.streams == llm.most_at_once == STREAMS
    assert crowd.refused == [(429, "too-many-answers")] * (8 - STREAMS)
    async with ann.ask(conversations[0]) as stream:
        await stream.read_all()
    assert len(tokens(database, ann.team_id)) == STREAMS + 1


async def test_a_conversation_has_one_answer_at_a_time(
    ann: Person, llm: RunningLlm, database: Database
) -> None:
    conversation = await ann.begin()
    crowd = Crowd(ann, llm)
    await crowd.ask([conversation] * 6)
    assert crowd.streams == 1
    assert crowd.refused == [(409, "answer-running")] * 5
    assert len(answers(database, ann.team_id)) == 1
    assert len(await ann.messages(conversation)) == 2


async def test_who_has_used_up_the_month_is_told_so(
    ann: Person, llm: RunningLlm, database: Database
) -> None:
    use(database, ann.team_id, TOKENS)
    crowd = Crowd(ann, llm)
    await crowd.ask([await ann.begin()])
    assert crowd.refused == [(402, "limit-reached")]
    assert not llm.asked
    database.execute("UPDATE assistant_usage SET created_at = created_at - interval '40 days'")
    async with ann.ask(await ann.begin()) as stream:
        await stream.read_all()


async def test_a_first_question_that_is_refused_leaves_no_conversation(
    ann: Person, llm: RunningLlm, database: Database
) -> None:
    async with AsyncExitStack() as streams:
        llm.hold_after = 1
        for number in range(STREAMS):
            stream = await streams.enter_async_context(ann.ask(ann.url, f"Question {number}"))
            await stream.read_text("One")
        async with ann.ask(ann.url, status=429):
            pass
        llm.hold_after = None
    use(database, ann.team_id, TOKENS)
    async with ann.ask(ann.url, status=402):
        pass
    assert await ann.titles() == [f"Question {number}" for number in reversed(range(STREAMS))]


async def test_a_first_question_to_a_full_server_leaves_no_conversation(
    people: People, start: Callable[..., AbstractContextManager[Service]], llm: RunningLlm
) -> None:
    with start(SERVICE_MOST_STREAMS="1") as full:
        async with people(full) as ann, people(full) as bob:
            llm.hold_after = 1
            async with ann.ask(ann.url) as stream:
                await stream.read_text("One")
                async with bob.ask(bob.url, status=503):
                    pass
                llm.hold_after = None
                await stream.read_all()
            assert await bob.titles() == []


async def test_the_last_tokens_are_not_given_away_twice(
    ann: Person, llm: RunningLlm, database: Database
) -> None:
    use(database, ann.team_id, TOKENS - 10)
    crowd = Crowd(ann, llm)
    await crowd.ask([await ann.begin() for _ in range(5)])
    assert crowd.streams == 1
    assert crowd.refused == [(429, "budget-spoken-for")] * 4


async def test_a_deleted_conversation_gives_neither_tokens_nor_room(
    ann: Person, llm: RunningLlm, database: Database
) -> None:
    llm.hold_after = 1
    conversation = await ann.begin()
    async with ann.ask(conversation) as stream:
        await stream.read_text("One")
        async with ann.session.delete(conversation) as response:
            assert response.status == 409
            assert (await response.json())["type"] == "urn:problem:answer-running"
        llm.hold_after = None
        await stream.read_all()
    async with ann.session.delete(conversation) as response:
        assert response.status == 204
    assert answers(database, ann.team_id) == []
    assert len(tokens(database, ann.team_id)) == 1
    async with ann.session.get(conversation) as response:
        assert response.status == 404


async def test_an_answer_whose_conversation_goes_with_its_person_is_counted(
    ann: Person, llm: RunningLlm, database: Database
) -> None:
    llm.hold_after = 1
    async with ann.ask(await ann.begin()) as stream:
        await stream.read_text("One")
        database.execute("DELETE FROM assistant_message WHERE team_id = %s", [ann.team_id])
        llm.hold_after = None
        end = await stream.read_all()
    assert end.data["message"]["content"] == "One two three"
    assert len(tokens(database, ann.team_id)) == 1
