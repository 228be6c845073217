"""Answers as an OpenAI-compatible API writes them, whole or as server-sent events."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Iterable
from typing import Any

from sandbox.llm.answers import answer_to, prompt_tokens
from sandbox.llm.model import SLOW, Asked, Fault, Llm

DONE = b"data: [DONE]\n\n"
HELD = 0.002  # seconds between looks at whether an answer may go on


class Died(Exception):
    """The connection is to be cut."""


class Writer:
    """Writes the chunks of one answer."""

    def __init__(self, identity: str, model: str) -> None:
        self.identity, self.model, self.created = identity, model, int(time.time())
        # Only the text differs from token to token.
        blank = self.chunk({"content": "|"}).split(b'"|"')
        self._before, self._after = blank

    def chunk(self, delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        """An event that adds this."""
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        return self._event({"choices": choices, **more})

    def token(self, text: str) -> bytes:
        """An event that adds this text."""
        return self._before + json.dumps(text).encode() + self._after

    def usage(self, usage: dict[str, int]) -> bytes:
        """The event after the last, for whoever asked for it."""
        return self._event({"choices": [], "usage": usage})

    def _event(self, body: dict[str, Any]) -> bytes:
        head = {
            "id": self.identity,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
        }
        return b"data: " + json.dumps({**head, **body}).encode() + b"\n\n"


def tokens_of(llm: Llm, asked: Asked) -> Iterable[str]:
    """What is answered, piece by piece."""
    text = llm.text or answer_to(asked.messages)
    found = llm.pieces_of(text)
    return itertools.cycle(found) if asked.fault is Fault.TALKS_ON else found


def usage(asked: Asked) -> dict[str, int]:
    """What is counted so far."""
    prompt = prompt_tokens(asked.messages)
    total = prompt + asked.tokens
    return {"prompt_tokens": prompt, "completion_tokens": asked.tokens, "total_tokens": total}


async def stream(
    llm: Llm, asked: Asked, identity: str, most: int | None, *, include_usage: bool
) -> AsyncIterator[bytes]:
    """The events of an answer, each at its time; raises `Died` when the connection shall break."""
    writer = Writer(identity, asked.model)
    if asked.fault is Fault.STALLS_FIRST:
        await asyncio.Event().wait()
    yield writer.chunk({"role": "assistant", "content": ""})
    finish = "stop"
    async for text in paced(llm, asked, most):
        if text is None:
            finish = "length"
            break
        yield writer.token(text)
        llm.sent(asked)
        if asked.fault is not Fault.NONE and is_middle(llm, asked):
            if asked.fault is Fault.ENDS_EARLY:
                return
            if asked.fault is Fault.BABBLES:
                yield b'data: {"choices": [{"index": 0, "delta": {"cont\n\n'
            if asked.fault is Fault.BREAKS:
                yield b'data: {"error": {"message": "overloaded", "code": 503}}\n\n'
                return
            await misbehave(asked.fault)
    yield writer.chunk({}, finish)
    if include_usage:
        yield writer.usage(usage(asked))
    yield DONE


async def paced(llm: Llm, asked: Asked, most: int | None) -> AsyncIterator[str | None]:
    """The tokens at their times; None when more of them are not wanted."""
    clock = asyncio.get_running_loop().time
    due = clock()
    for number, text in enumerate(tokens_of(llm, asked)):
        if number == most:
            yield None
            return
        due += SLOW if asked.fault is Fault.SLOW else llm.pace
        # What is late is caught up with: the whole takes as long as it should.
        await asyncio.sleep(max(due - clock(), 0))
        while llm.hold_after is not None and asked.tokens >= llm.hold_after:  # noqa: ASYNC110, a plain field
            await asyncio.sleep(HELD)
        yield text


def is_middle(llm: Llm, asked: Asked) -> bool:
    """Whether half of it is out."""
    text = llm.text or answer_to(asked.messages)
    return asked.tokens == max(len(llm.pieces_of(text)) // 2, 1)


async def misbehave(fault: Fault) -> None:
    """Do in the middle of an answer what the fault says."""
    if fault is Fault.STALLS:
        await asyncio.Event().wait()
    if fault is Fault.DIES:
        raise Died
