"""The model's addresses, `/dev/assistant`: a page to see and to set it, and the API below `/v1`."""

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.environment import variable
from sandbox.filled import chosen, form_of
from sandbox.llm.model import KEY, MODEL, Asked, Fault, Llm, fault_of
from sandbox.llm.stream import Died, stream, tokens_of, usage
from sandbox.offer import Offer, render_with

LLM = web.AppKey("llm", Llm)
PATH = "/dev/assistant"
SLOWEST = 10.0  # seconds from token to token that a person can choose
SHOWN = 20  # requests on the page

# What these faults answer instead: a status, and the code and the words of the error.
REFUSALS = {
    Fault.REFUSES_KEY: (401, "invalid_api_key", "Incorrect API key provided."),
    Fault.LIMITS: (429, "rate_limit_exceeded", "Too many requests."),
    Fault.FAILS: (500, "server_error", "The server had an error."),
    Fault.TOO_LONG: (400, "context_length_exceeded", "The maximum context length is 8 tokens."),
}

routes = web.RouteTableDef()


@routes.get("/assistant")
async def index(request: web.Request) -> web.Response:
    """What was asked, and how it behaves."""
    llm = request.app[LLM]
    template = request.app[render_with].get_template("llm/model.html")
    html = template.render(
        llm=llm, asked=list(reversed(llm.asked))[:SHOWN], faults=list(Fault), slowest=int(SLOWEST)
    )
    return web.Response(text=html, content_type="text/html")


@routes.post("/assistant")
async def change(request: web.Request) -> web.Response:
    """Set how it behaves from now on."""
    form = await form_of(request)
    llm = request.app[LLM]
    llm.fault, llm.pace = chosen(form, Fault, SLOWEST, kind="fault", seconds="pace")
    raise web.HTTPSeeOther(PATH)


@routes.get("/assistant/v1/models")
async def models(request: web.Request) -> web.Response:
    """The models: one that behaves as the page says, and one for each fault."""
    check_key(request)
    names = [MODEL, *(f"{MODEL}-{fault.name.lower().replace('_', '-')}" for fault in Fault)]
    data = [{"id": name, "object": "model", "created": 0, "owned_by": "sandbox"} for name in names]
    return web.json_response({"object": "list", "data": data})


@routes.post("/assistant/v1/chat/completions")
async def completions(request: web.Request) -> web.StreamResponse:
    """An answer, whole or streamed."""
    check_key(request)
    llm, body = request.app[LLM], await request.json()
    try:
        fault = fault_of(str(body["model"]))
        asked = Asked(
            model=str(body["model"]),
            messages=[{"role": m["role"], "content": m["content"]} for m in body["messages"]],
            stream=bool(body.get("stream")),
            fault=llm.fault if fault is Fault.NONE else fault,
        )
    except (KeyError, TypeError) as error:
        raise failure(400, "invalid_request_error", f"Missing or bad: {error}") from error
    with counted(llm, asked):
        if asked.fault in REFUSALS:
            headers = {"Retry-After": str(llm.retry_after)} if asked.fault is Fault.LIMITS else {}
            raise failure(*REFUSALS[asked.fault], headers)
        most = body.get("max_completion_tokens") or body.get("max_tokens")
        identity = f"chatcmpl-{id(asked):x}"
        if not asked.stream:
            return await whole(llm, asked, identity, most)
        options = body.get("stream_options") or {}
        return await streamed(
            request, llm, asked, identity, most, include_usage=bool(options.get("include_usage"))
        )


async def streamed(
    request: web.Request,
    llm: Llm,
    asked: Asked,
    identity: str,
    most: int | None,
    *,
    include_usage: bool,
) -> web.StreamResponse:
    """The answer as events."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    try:
        async for event in stream(llm, asked, identity, most, include_usage=include_usage):
            await response.write(event)
    except Died:
        if request.transport is not None:
            request.transport.abort()
        raise web.HTTPServiceUnavailable from None
    return response


async def whole(llm: Llm, asked: Asked, identity: str, most: int | None) -> web.Response:
    """The answer at once, after the time that its tokens take."""
    said = list(tokens_of(llm, asked)) if asked.fault is not Fault.TALKS_ON else []
    kept = said[:most]
    await asyncio.sleep(llm.pace * len(kept))
    asked.tokens = len(kept)
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "".join(kept)},
        "finish_reason": "stop" if kept == said else "length",
    }
    body: dict[str, Any] = {"id": identity, "object": "chat.completion", "created": 0}
    return web.json_response(
        {**body, "model": asked.model, "choices": [choice], "usage": usage(asked)}
    )


@contextlib.contextmanager
def counted(llm: Llm, asked: Asked) -> Iterator[None]:
    """Count an answer, and note how it ended."""
    llm.begin(asked)
    state = "failed"
    try:
        yield
        state = "ended"
    except (asyncio.CancelledError, ConnectionError):
        state = "left"
        raise
    finally:
        llm.end(asked, state)


def check_key(request: web.Request) -> None:
    """Refuse whoever has no key, as a real one does."""
    if request.headers.get("Authorization") != f"Bearer {KEY}":
        raise failure(*REFUSALS[Fault.REFUSES_KEY])


def failure(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> web.HTTPException:
    """An error as the API words it."""
    kinds: dict[int, type[web.HTTPException]] = {
        400: web.HTTPBadRequest,
        401: web.HTTPUnauthorized,
        429: web.HTTPTooManyRequests,
        500: web.HTTPInternalServerError,
    }
    error = {"message": message, "type": code, "param": None, "code": code}
    return kinds[status](
        text=json.dumps({"error": error}), headers=headers, content_type="application/json"
    )


def set_up(app: web.Application, origin: str, folder: Path) -> None:
    """Prepare the model, which is as at first in every run."""
    app[LLM] = Llm()


def environment(origin: str) -> dict[str, str]:
    """The variables by which the service asks this one, unless another is named."""
    if variable("ASSISTANT_URL"):
        return {}
    return {
        "ASSISTANT_URL": f"{origin}{PATH}/v1",
        "ASSISTANT_KEY": KEY,
        "ASSISTANT_MODEL": variable("ASSISTANT_MODEL") or MODEL,
    }


OFFER = Offer(
    title="Assistant",
    purpose="The language model that answers people: what it was asked, its pace and its failings.",
    path=PATH,
    routes=routes,
    for_programs=frozenset({f"{PATH}/v1/chat/completions"}),
    set_up=set_up,
    environment=environment,
)
