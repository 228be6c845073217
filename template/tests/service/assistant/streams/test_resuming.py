"""Whoever lost the connection gets each letter once, whoever writes the answer."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from sandbox.llm.answers import pieces as pieces_of
from sandbox.llm.thread import RunningLlm
from service.assistant.follow import MOST
from service.assistant.wire import Wire
from tests.service.assistant.streams.kept import Database, answers
from tests.service.assistant.streams.person import Person
from tests.service.conftest import make_client

pytestmark = pytest.mark.anyio

TEXT = "Ünïcode “letters”\n\ncount 🎈 as one\r\n each"


@given(pieces=st.lists(st.text(min_size=1), max_size=8), cut=st.integers(0, 8))
def test_what_was_seen_and_the_rest_are_the_whole(pieces: list[str], cut: int) -> None:
    """As the stream is cut after any event, and goes on after the place that it names."""
    text, wire = "".join(pieces), Wire(7)
    places = [0, *(wire.letters for piece in pieces if wire.token(piece))]
    seen = places[min(cut, len(pieces))]
    assert "".join(pieces[:cut]) + text[seen:] == text
    assert wire.letters == len(text)


async def test_after_any_event_the_rest_is_told(ann: Person, llm: RunningLlm) -> None:
    llm.text = TEXT
    conversation = await ann.begin()
    async with ann.ask(conversation) as stream:
        await stream.read_all()
    for number, event in enumerate(stream.events[:-1]):
        before = "".join(each.data["text"] for each in stream.events[1 : number + 1])
        async with ann.follow(conversation, stream.message_id, event.id) as rest:
            end = await rest.read_all()
        assert before + rest.text == TEXT
        assert end.data == stream.events[-1].data
    async with ann.follow(conversation, stream.message_id) as whole:
        await whole.read_all()
    assert [whole.events[0].name, whole.text] == ["start", TEXT]


async def test_who_comes_back_while_it_is_written_by_another_process_waits_for_the_rest(
    ann: Person, llm: RunningLlm, app: FastAPI
) -> None:
    llm.text, llm.hold_after = TEXT, 2
    conversation = await ann.begin()
    async with ann.ask(conversation) as stream:
        await stream.read_text("".join(pieces_of(TEXT)[:2]))
        seen, last = stream.text, stream.events[-1].id
        path = f"/assistant/{conversation.partition('/assistant/')[2]}"
        token = ann.session.headers["Authorization"].removeprefix("Bearer ")
        async with make_client(app, token=token) as elsewhere:
            url = f"{path}/messages/{stream.message_id}/events"
            waiting = asyncio.create_task(elsewhere.get(url, headers={"Last-Event-ID": last}))
            done, _ = await asyncio.wait({waiting}, timeout=0.4)
            assert not done
            llm.hold_after = None
            await stream.read_all()
            rest = (await waiting).text
    events = rest.split("\n\n")
    (token_event,) = [event for event in events if event.startswith("event: token")]
    assert seen + json.loads(token_event.partition("data: ")[2])["text"] == TEXT
    assert "event: end" in rest


async def test_nobody_takes_all_the_room_by_following(ann: Person, llm: RunningLlm) -> None:
    llm.hold_after = 1
    conversation = await ann.begin()
    async with ann.ask(conversation) as stream, AsyncExitStack() as followers:
        await stream.read_text("One")
        for _ in range(MOST):
            follower = await followers.enter_async_context(
                ann.follow(conversation, stream.message_id)
            )
            await follower.read()
        url = f"{conversation}/messages/{stream.message_id}/events"
        async with ann.session.get(url) as response:
            assert response.status == 429
            assert "Retry-After" in response.headers
        llm.hold_after = None
        await stream.read_all()
        assert (await follower.read_all()).name == "end"


@pytest.mark.parametrize("last", ["1-0-0", "x", "-1", "999999-0", "1-"])
async def test_a_place_in_another_answer_is_refused(
    ann: Person, llm: RunningLlm, last: str
) -> None:
    conversation = await ann.begin()
    async with ann.ask(conversation) as stream:
        await stream.read_all()
    url = f"{conversation}/messages/{stream.message_id}/events"
    async with ann.session.get(url, headers={"Last-Event-ID": last}) as response:
        assert response.status == 422


async def test_nobody_follows_an_answer_of_somebody_else(
    ann: Person,
    llm: RunningLlm,
    database: Database,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
    app: FastAPI,
) -> None:
    conversation = await ann.begin()
    async with ann.ask(conversation) as stream:
        await stream.read_all()
    bob = make_user("bob@example.com")
    database.execute(
        "INSERT INTO teams_membership (team_id, user_id, role, created_at)"
        " VALUES (%s, %s, 'owner', now())",
        [ann.team_id, bob],
    )
    path = f"/assistant/{conversation.partition('/assistant/')[2]}"
    async with make_client(app, token=make_token(bob)) as client:
        assert (await client.get(path)).status_code == 404
        url = f"{path}/messages/{stream.message_id}/events"
        assert (await client.get(url)).status_code == 404
    assert len(answers(database, ann.team_id)) == 1
