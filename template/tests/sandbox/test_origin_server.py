"""The one origin streams, tells the truth about the client, and says what is down."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from core.origin import process_for
from sandbox.mailbox.store import MailStore
from sandbox.origin import Upstream, origin_server
from sandbox.ports import free_port
from tests import PATIENCE

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Body = Callable[[aiohttp.ClientSession, Upstream], Awaitable[None]]


def through_origin(folder: Path, handler: Handler, body: Body) -> None:
    """Run the test's body with a client of an origin in front of one process with this handler."""

    async def run() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        server = TestServer(app)
        await server.start_server()
        upstream = Upstream(process_for("/"), server.port or 0)
        upstream.is_settled.set()
        runner = origin_server(
            {upstream.name: upstream}, MailStore(folder), "http://127.0.0.1", folder
        )
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with (
            asyncio.timeout(PATIENCE),
            aiohttp.ClientSession(f"http://127.0.0.1:{port}", auto_decompress=False) as client,
        ):
            await body(client, upstream)
        await runner.cleanup()
        await server.close()

    asyncio.run(run())


async def echo(request: web.Request) -> web.Response:
    """Answer what arrived."""
    headers = [[name.lower(), value] for name, value in request.headers.items()]
    body = (await request.read()).decode()
    return web.json_response(
        {"method": request.method, "path": request.raw_path, "headers": headers, "body": body}
    )


def test_answer_streams_byte_by_byte(tmp_path: Path) -> None:
    seen = asyncio.Queue[bytes]()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for byte in (b"a", b"b", b"c"):
            await response.write(byte)
            assert await seen.get() == byte, "the client has it before the next is sent"
        return response

    async def body(client: aiohttp.ClientSession, _: Upstream) -> None:
        async with client.get("/") as answer:
            assert answer.content_type == "text/event-stream"
            async for piece in answer.content.iter_any():
                seen.put_nowait(piece)

    through_origin(tmp_path, handler, body)


def test_request_streams_byte_by_byte(tmp_path: Path) -> None:
    seen = asyncio.Queue[bytes]()

    async def handler(request: web.Request) -> web.StreamResponse:
        async for piece in request.content.iter_any():
            seen.put_nowait(piece)
        return web.Response(text="done")

    async def pieces() -> AsyncIterator[bytes]:
        for byte in (b"a", b"b", b"c"):
            yield byte
            assert await seen.get() == byte, "the process has it before the next is sent"

    async def body(client: aiohttp.ClientSession, _: Upstream) -> None:
        async with client.post("/", data=pieces()) as answer:
            assert await answer.text() == "done"

    through_origin(tmp_path, handler, body)


def test_client_that_leaves_ends_the_work_of_the_process(tmp_path: Path) -> None:
    was_cancelled = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"a")
        try:
            await asyncio.Event().wait()
        finally:
            was_cancelled.set()
        return response

    async def body(client: aiohttp.ClientSession, _: Upstream) -> None:
        async with client.get("/") as answer:
            assert await answer.content.readexactly(1) == b"a"
            answer.close()
        await was_cancelled.wait()

    through_origin(tmp_path, handler, body)


def test_forwarded_headers_cannot_be_spoofed(tmp_path: Path) -> None:
    lies = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "1",
        "X-Real-IP": "6.6.6.6",
        "Forwarded": "for=6.6.6.6",
        "Connection": "keep-alive, X-Secret-Hop",
        "X-Secret-Hop": "1",
        "Host": "app.localhost",
        "X-Kept": "1",
    }

    async def body(client: aiohttp.ClientSession, _: Upstream) -> None:
        async with client.get("/", headers=lies) as answer:
            arrived = (await answer.json())["headers"]
        by_name = dict(arrived)
        assert len(by_name) == len(arrived), "no header twice"
        assert by_name["x-forwarded-for"] == "127.0.0.1"
        assert by_name["x-forwarded-proto"] == "http"
        assert by_name["x-forwarded-host"] == by_name["host"] == "app.localhost"
        assert by_name["x-kept"] == "1"
        assert not {"x-forwarded-port", "x-real-ip", "forwarded", "x-secret-hop"} & by_name.keys()

    through_origin(tmp_path, echo, body)


@pytest.mark.parametrize("path", ["/a%2Fb%20c?x=%26&y=a+b", "/é".encode().decode(), "/a//b;c"])
def test_path_arrives_as_it_was_sent(tmp_path: Path, path: str) -> None:
    async def body(client: aiohttp.ClientSession, _: Upstream) -> None:
        async with client.get(path) as answer:
            sent = answer.request_info.url.raw_path_qs
            assert (await answer.json())["path"] == sent

    through_origin(tmp_path, echo, body)


def test_answer_keeps_its_status_headers_and_coding(tmp_path: Path) -> None:
    async def handler(_: web.Request) -> web.Response:
        response = web.Response(status=418, body=b"\x1f\x8bnot really", reason="Short and stout")
        response.headers["Content-Encoding"] = "gzip"
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    async def body(client: aiohttp.ClientSession, _: Upstream) -> None:
        async with client.get("/") as answer:
            assert (answer.status, answer.reason) == (418, "Short and stout")
            assert await answer.read() == b"\x1f\x8bnot really"
            assert len(answer.headers.getall("Set-Cookie")) == 2

    through_origin(tmp_path, handler, body)


def test_answer_that_breaks_off_is_not_taken_for_whole(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"a")
        assert request.transport is not None
        request.transport.abort()
        return response

    async def body(client: aiohttp.ClientSession, _: Upstream) -> None:
        with pytest.raises(aiohttp.ClientError):
            async with client.get("/") as answer:
                await answer.read()

    through_origin(tmp_path, handler, body)


def test_page_says_which_process_is_down(tmp_path: Path) -> None:
    async def body(client: aiohttp.ClientSession, upstream: Upstream) -> None:
        upstream.port = free_port()
        async with client.get("/", headers={"Accept": "text/html"}) as answer:
            page = await answer.text()
            assert answer.status == 503
            assert f"{upstream.name} is down" in page
            assert 'http-equiv="refresh"' in page
        async with client.get("/") as answer:
            assert answer.content_type == "text/plain"

    through_origin(tmp_path, echo, body)


def test_request_waits_for_a_process_that_is_starting(tmp_path: Path) -> None:
    async def body(client: aiohttp.ClientSession, upstream: Upstream) -> None:
        upstream.is_settled.clear()
        upstream.port, true_port = free_port(), upstream.port
        request = asyncio.create_task(client.get("/"))
        async with client.get("/dev") as sandbox:  # answered meanwhile, and after the request came
            assert sandbox.status == 200
        assert not request.done()
        upstream.port = true_port
        upstream.is_settled.set()
        async with await request as answer:
            assert answer.status == 200

    through_origin(tmp_path, echo, body)
