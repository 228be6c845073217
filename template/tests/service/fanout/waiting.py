"""An application that waits for its upstreams longer than any test: `granian ...waiting:app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

from service.fanout import Call, CurrentUpstreams, open_upstreams
from service.http.application import make_application
from service.http.leaving import until_client_leaves
from tests import PATIENCE


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with open_upstreams() as app.state.upstreams:
        yield


app = make_application(prefix="/service", lifespan=lifespan)


@app.get("/wait")
async def wait(request: Request, upstreams: CurrentUpstreams) -> None:
    calls = {name: Call(name, "facts", bytes, timeout=PATIENCE * 2) for name in upstreams.names}
    async with until_client_leaves(request):
        await upstreams.ask(calls, deadline=PATIENCE * 2)
