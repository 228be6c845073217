"""The client of the model's provider, against the sandbox's, over real HTTP."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import structlog

from core.env import get_settings
from sandbox.llm.answers import pieces
from sandbox.llm.model import KEY, Fault
from sandbox.llm.thread import RunningLlm
from service.assistant.provider import Provider, ProviderFailed, Usage, open_provider
from tests import PATIENCE

pytestmark = pytest.mark.anyio

MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "What is in a name?"},
]
TEXT = 'Letters, “mostly”:\n\n- é\n- \\ and "quotes"\n- 🎈 too'


async def ask(provider: Provider, most_tokens: int = 100) -> str:
    """The whole answer."""
    async with provider.answer(MESSAGES, most_tokens) as answer:
        return "".join([piece.text async for piece in answer])


async def test_an_answer_comes_whole_with_its_tokens_counted(
    llm: RunningLlm, provider: Provider
) -> None:
    llm.text = TEXT
    async with provider.answer(MESSAGES, 100) as answer:
        text = "".join([piece.text async for piece in answer])
    assert text == TEXT
    assert answer.usage == Usage(7, len(pieces(TEXT)))
    assert answer.received == len(pieces(TEXT))
    assert answer.finish == "stop"
    (asked,) = llm.asked
    assert asked.messages == MESSAGES
    llm.wait(lambda: llm.ended == 1)


async def test_each_token_comes_when_it_is_written(llm: RunningLlm, provider: Provider) -> None:
    llm.text, llm.hold_after = "One two three", 1
    async with provider.answer(MESSAGES, 100) as answer:
        answered = aiter(answer)
        assert (await anext(answered)).text == "One"
        llm.hold_after = 2
        assert (await anext(answered)).text == " two"
        llm.hold_after = None
        assert [piece.text async for piece in answered] == [" three"]


async def test_an_answer_is_no_longer_than_it_may_be(llm: RunningLlm, provider: Provider) -> None:
    llm.text = TEXT
    async with provider.answer(MESSAGES, 3) as answer:
        assert "".join([piece.text async for piece in answer]) == "".join(pieces(TEXT)[:3])
    assert answer.finish == "length"


async def test_the_next_question_takes_the_same_connection(
    llm: RunningLlm, provider: Provider
) -> None:
    made: list[object] = []
    connect = provider._session.connector._create_connection  # type: ignore[union-attr]

    async def count(*arguments: Any) -> Any:
        made.append(arguments)
        return await connect(*arguments)

    provider._session.connector._create_connection = count  # type: ignore[method-assign,union-attr]
    for _ in range(3):
        await ask(provider)
    assert len(made) == 1


@pytest.mark.parametrize("leave", ["break", "raise", "cancel"])
async def test_who_leaves_is_seen_at_once(llm: RunningLlm, provider: Provider, leave: str) -> None:
    llm.fault, llm.hold_after = Fault.TALKS_ON, 5 if leave == "cancel" else None

    async def listen() -> None:
        async with provider.answer(MESSAGES, 10**6) as answer:
            async for _ in answer:
                if answer.received < 5:
                    continue
                if leave == "break":
                    break
                if leave == "raise":
                    raise LookupError

    task = asyncio.create_task(listen())
    if leave == "cancel":
        # It then waits for a token that does not come.
        await asyncio.to_thread(llm.wait, lambda: llm.open == 1 and llm.asked[0].tokens == 5)
        task.cancel()
    await asyncio.wait([task])
    assert task.cancelled() == (leave == "cancel")
    assert task.cancelled() or bool(task.exception()) == (leave == "raise")
    began = time.monotonic()
    await asyncio.to_thread(llm.wait, lambda: llm.left == 1 and llm.open == 0)
    assert time.monotonic() - began < 1


FAILURES = {
    Fault.REFUSES_KEY: (502, "key-refused", None),
    Fault.LIMITS: (503, "busy", "7"),
    Fault.FAILS: (502, "failed", None),
    Fault.TOO_LONG: (422, "too-long", None),
    Fault.STALLS_FIRST: (504, "silent", None),
    Fault.STALLS: (504, "stalled", None),
    Fault.DIES: (502, "broke-off", None),
    Fault.ENDS_EARLY: (502, "broke-off", None),
    Fault.BREAKS: (502, "failed", None),
    Fault.BABBLES: (502, "unreadable", None),
}


@pytest.mark.parametrize("fault", FAILURES)
async def test_a_failure_is_a_problem_after_what_was_written(
    llm: RunningLlm, environment: Callable[..., None], fault: Fault
) -> None:
    environment(ASSISTANT_FIRST_TOKEN_SECONDS="0.3", ASSISTANT_NEXT_TOKEN_SECONDS="0.1")
    llm.text, llm.fault = "One two three four", fault
    came: list[str] = []

    async def listen(provider: Provider) -> None:
        async with provider.answer(MESSAGES, 100) as answer:
            async for piece in answer:
                came.append(piece.text)  # noqa: PERF401, what came before the failure

    async with open_provider(get_settings()) as provider:
        with structlog.testing.capture_logs() as logs, pytest.raises(ProviderFailed) as caught:
            await listen(provider)
    problem = caught.value.problem
    status, kind, retry_after = FAILURES[fault]
    assert (problem.status, problem.kind) == (status, f"assistant-{kind}")
    assert problem.detail
    assert (problem.headers or {}).get("Retry-After") == retry_after
    assert "".join(came) in {"", "One two"}
    assert bool(came) == (fault in {Fault.STALLS, Fault.DIES, Fault.ENDS_EARLY, Fault.BREAKS,
                                    Fault.BABBLES})  # fmt: skip
    assert logs[-1]["result"] == problem.kind
    assert KEY not in str(logs)
    assert KEY not in str(problem.document())
    # Nothing is left of it.
    await asyncio.to_thread(llm.wait, lambda: llm.open == 0)


async def test_the_first_token_may_take_longer_than_the_next(
    llm: RunningLlm, environment: Callable[..., None]
) -> None:
    environment(ASSISTANT_FIRST_TOKEN_SECONDS="10", ASSISTANT_NEXT_TOKEN_SECONDS="0.05")
    llm.text, llm.hold_after = "One two three", 0
    async with open_provider(get_settings()) as provider:
        task = asyncio.create_task(ask(provider))
        await asyncio.to_thread(llm.wait, lambda: llm.open == 1)
        await asyncio.sleep(0.1)
        llm.hold_after = 1
        with pytest.raises(ProviderFailed) as caught:
            await task
    assert caught.value.problem.kind == "assistant-stalled"


async def test_who_is_slow_to_listen_is_not_taken_for_a_stall(
    llm: RunningLlm, environment: Callable[..., None]
) -> None:
    environment(ASSISTANT_NEXT_TOKEN_SECONDS="0.05")
    llm.text = "One two"
    async with open_provider(get_settings()) as provider, provider.answer(MESSAGES, 9) as answer:
        async for _ in answer:
            await asyncio.sleep(0.12)
    assert answer.is_complete


async def test_nobody_there_is_told_at_once(
    llm: RunningLlm, environment: Callable[..., None]
) -> None:
    environment(ASSISTANT_URL="http://127.0.0.1:1/v1")
    async with open_provider(get_settings()) as provider:
        with pytest.raises(ProviderFailed) as caught:
            await ask(provider)
    assert caught.value.problem.kind == "assistant-unreachable"


async def test_without_an_address_it_is_not_set_up(environment: Callable[..., None]) -> None:
    environment(ASSISTANT_URL="")
    async with open_provider(get_settings()) as provider:
        assert not provider.is_set_up
        with pytest.raises(ProviderFailed) as caught:
            await ask(provider)
    assert caught.value.problem.status == 503


@contextlib.asynccontextmanager
async def answering(
    answer: Callable[[asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """The address of somebody who answers one request so; nothing of it is left afterwards."""
    over = asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await answer(writer)
        writer.close()
        await writer.wait_closed()
        over.set()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}"
        await asyncio.wait_for(over.wait(), PATIENCE)


async def test_the_key_goes_nowhere_else(llm: RunningLlm, environment: Callable[..., None]) -> None:
    async def lead_on(writer: asyncio.StreamWriter) -> None:
        address = f"{llm.url}/chat/completions"
        head = (
            f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {address}\r\nContent-Length: 0\r\n\r\n"
        )
        writer.write(head.encode())
        await writer.drain()

    async with answering(lead_on) as somebody:
        environment(ASSISTANT_URL=f"{somebody}/v1")
        async with open_provider(get_settings()) as provider:
            with pytest.raises(ProviderFailed) as caught:
                await ask(provider)
    assert caught.value.problem.kind == "assistant-refused"
    assert not llm.asked
    assert KEY not in repr(provider.__dict__)


async def test_what_comes_many_words_at_once_is_more_than_one_token(
    environment: Callable[..., None],
) -> None:
    async def answer_in_lumps(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for text in ("One two three", " four five", ", "):
            chunk = {"choices": [{"delta": {"content": text}}]}
            writer.write(f"data: {json.dumps(chunk)}\n\n".encode())
        writer.write(b"data: [DONE]\n\n")
        await writer.drain()

    async with answering(answer_in_lumps) as somebody:
        environment(ASSISTANT_URL=f"{somebody}/v1", ASSISTANT_MODEL="lumps")
        async with (
            open_provider(get_settings()) as provider,
            provider.answer(MESSAGES, 100) as answer,
        ):
            assert "".join([piece.text async for piece in answer]) == "One two three four five, "
    assert answer.usage is None
    assert answer.received == 6


async def test_the_reason_of_a_refusal_is_read_to_its_end(environment: Callable[..., None]) -> None:
    body = json.dumps({"error": {"code": "context_length_exceeded"}}).encode()

    async def refuse(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(body)}\r\n\r\n"
        for part in (head.encode() + body[:9], body[9:]):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.05)  # or they would come as one

    async with answering(refuse) as somebody:
        environment(ASSISTANT_URL=somebody, ASSISTANT_MODEL="some")
        async with open_provider(get_settings()) as provider:
            with pytest.raises(ProviderFailed) as caught:
                await ask(provider)
    assert caught.value.problem.kind == "assistant-too-long"
