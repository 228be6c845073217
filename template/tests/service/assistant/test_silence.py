"""A connection is never silent for long, and nothing is written into the middle of an event."""

import asyncio

import pytest
from fastapi.sse import KEEPALIVE_COMMENT
from starlette.types import Message

from service.assistant import stream
from service.assistant.stream import Writer

pytestmark = pytest.mark.anyio


async def test_silence_is_broken_by_comments_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SILENCE", 0.02)
    monkeypatch.setattr(stream, "SOONEST", 0.01)
    written: list[bytes] = []
    twice = asyncio.Event()

    async def send(message: Message) -> None:
        written.append(message["body"])
        if len(written) == 3:
            twice.set()

    writer = Writer(send)
    await writer.write(b"event")
    await twice.wait()
    writer.close()
    assert written == [b"event", KEEPALIVE_COMMENT, KEEPALIVE_COMMENT]


async def test_whoever_takes_nothing_is_sent_no_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SILENCE", 0.01)
    monkeypatch.setattr(stream, "SOONEST", 0.01)
    written: list[bytes] = []
    taken = asyncio.Event()

    async def send(message: Message) -> None:
        written.append(message["body"])
        await taken.wait()

    writer = Writer(send)
    writing = asyncio.create_task(writer.write(b"event"))
    done, _ = await asyncio.wait({writing}, timeout=0.1)
    assert not done
    assert written == [b"event"]
    taken.set()
    await writing
    writer.close()
