"""What is asked is answered as it is written, and kept once, however it ends."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from sandbox.llm.answers import pieces
from sandbox.llm.model import Fault
from sandbox.llm.thread import RunningLlm
from tests.service.assistant.streams.conftest import People, Service
from tests.service.assistant.streams.kept import Database, answers, tokens
from tests.service.assistant.streams.person import Person
from tests.waiting import until

pytestmark = pytest.mark.anyio

TEXT = 'Letters, “mostly”:\n\n- é\n- \\ and "quotes"\n- 🎈 too'


async def test_an_answer_comes_as_it_is_written_and_is_kept(
    ann: Person, llm: RunningLlm, database: Database
) -> None:
    llm.text, llm.hold_after = TEXT, 2
    conversation = await ann.begin()
    async with ann.ask(conversation, "What is in a name?") as stream:
        assert stream.response.headers["Content-Type"].startswith("text/event-stream")
        start = await stream.read()
        assert start
        assert start.name == "start"
        assert start.data["question"]["content"] == "What is in a name?"
        assert start.data["message"]["status"] == "streaming"
        await stream.read_text("".join(pieces(TEXT)[:2]))
        llm.hold_after = None
        end = await stream.read_all()
    assert stream.text == TEXT
    for event in stream.events[1:-1]:
        assert event.id.startswith(f"{stream.message_id}-")
    assert end.name == "end"
    assert end.data["message"]["status"] == "complete"
    assert end.data["message"]["content"] == TEXT
    asked, answered = await ann.messages(conversation)
    assert asked == start.data["question"]
    assert answered == end.data["message"]
    (row,) = answers(database, ann.team_id)
    assert row["completion_tokens"] == len(pieces(TEXT))
    assert tokens(database, ann.team_id) == [row["prompt_tokens"] + len(pieces(TEXT))]


async def test_the_first_question_makes_its_conversation(ann: Person, llm: RunningLlm) -> None:
    async with ann.ask(ann.url, "What is in a name?") as stream:
        await stream.read_all()
    said = [stream.events[0].data["question"], stream.events[-1].data["message"]]
    number = said[0]["conversation_id"]
    assert await ann.messages(f"{ann.url}/{number}") == said
    assert await ann.titles() == ["What is in a name?"]
    async with ann.ask(f"{ann.url}/{number}") as stream:
        await stream.read_all()
    assert await ann.titles() == ["What is in a name?"]


async def test_the_past_goes_along_and_the_first_question_is_the_title(
    ann: Person, llm: RunningLlm
) -> None:
    conversation = await ann.begin()
    for question in ("First?", "Second?"):
        async with ann.ask(conversation, question) as stream:
            await stream.read_all()
    said = [(each["role"], each["content"]) for each in llm.asked[-1].messages[1:]]
    assert said == [("user", "First?"), ("assistant", "One two three"), ("user", "Second?")]
    async with ann.session.get(ann.url) as response:
        (listed,) = (await response.json())["items"]
    assert listed["title"] == "First?"


async def test_a_client_that_leaves_stops_the_model_at_once_and_what_was_said_is_kept(
    ann: Person, llm: RunningLlm, database: Database
) -> None:
    llm.hold_after = 2
    conversation = await ann.begin()
    async with ann.ask(conversation) as stream:
        await stream.read_text("One two")
    await asyncio.to_thread(llm.wait, lambda: llm.left == 1, 1.0)
    await asyncio.to_thread(until, lambda: answers(database, ann.team_id)[0]["ended_at"])
    (row,) = answers(database, ann.team_id)
    assert (row["status"], row["content"], row["error"]) == ("stopped", "One two", "")
    assert row["completion_tokens"] == 2
    assert row["prompt_tokens"] > 0
    assert tokens(database, ann.team_id) == [row["prompt_tokens"] + 2]


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (Fault.REFUSES_KEY, "assistant-key-refused", ""),
        (Fault.LIMITS, "assistant-busy", ""),
        (Fault.STALLS_FIRST, "assistant-silent", ""),
        (Fault.STALLS, "assistant-stalled", "One"),
        (Fault.DIES, "assistant-broke-off", "One"),
        (Fault.BABBLES, "assistant-unreadable", "One"),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
async def test_what_goes_wrong_is_told_and_what_came_before_is_kept(
    ann: Person, llm: RunningLlm, database: Database, fault: Fault, kind: str, said: str
) -> None:
    llm.fault = fault
    conversation = await ann.begin()
    async with ann.ask(conversation) as stream:
        error = await stream.read_all()
    assert error.name == "error"
    assert error.data["type"] == f"urn:problem:{kind}"
    assert error.data["title"]
    assert error.data["status"] >= 500
    (row,) = answers(database, ann.team_id)
    assert (row["status"], row["error"], row["content"]) == ("failed", error.data["type"], said)
    assert len(tokens(database, ann.team_id)) == bool(said)
    async with ann.follow(conversation, row["id"]) as stream:
        again = await stream.read_all()
    assert (again.name, again.data["type"]) == ("error", error.data["type"])


async def test_many_answers_at_once_are_each_their_own(
    people: People, service: Service, llm: RunningLlm, database: Database
) -> None:
    llm.text, llm.hold_after = " ".join(str(number) for number in range(30)), 1

    async def talk(person: Person) -> None:
        conversation = await person.begin()
        async with person.ask(conversation) as stream:
            end = await stream.read_all()
        assert stream.text == end.data["message"]["content"] == llm.text

    async with AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(people(service)) for _ in range(25)]
        async with asyncio.TaskGroup() as group:
            for person in crowd * 2:
                group.create_task(talk(person))
            await asyncio.to_thread(llm.wait, lambda: llm.open == 50)
            llm.hold_after = None
    for person in crowd:
        taken = tokens(database, person.team_id)
        assert taken == [row["prompt_tokens"] + 30 for row in answers(database, person.team_id)]
