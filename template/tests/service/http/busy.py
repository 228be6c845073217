"""An application that is busy for as long as a test wants: `granian ...busy:app`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.sse import EventSourceResponse, ServerSentEvent

from service.http.application import make_application
from service.http.capacity import AsStream, Capacity
from service.http.stopping import CurrentStopping

go_on = asyncio.Event()
ended: list[str] = []


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    print(f"the lifespan ends after {len(ended)} streams", flush=True)  # noqa: T201


app = make_application(prefix="/service", lifespan=lifespan)


@app.get("/work")
async def work() -> str:
    await go_on.wait()
    return "done"


@app.get("/stream", response_class=EventSourceResponse)
async def stream(_: AsStream, stopping: CurrentStopping) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(event="start")
    await stopping.wait()
    ended.append("stopped")
    yield ServerSentEvent(event="end")


# Answered always, also when there is no place for others.
@app.get("/healthz")
async def healthz() -> dict[str, int]:
    middleware = app.middleware_stack
    while not isinstance(middleware, Capacity):
        middleware = middleware.app  # type: ignore[union-attr]
    return {name: getattr(middleware, name) for name in ("requests", "waiting", "streams")}


@app.get("/readyz")
async def readyz() -> None:
    """Lets those that are at work now go on."""
    go_on.set()
    go_on.clear()
