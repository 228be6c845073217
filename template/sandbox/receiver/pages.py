"""The receiver's addresses: `/dev/receiver` for people, and `/dev/receiver/in` for webhooks."""

import asyncio
from pathlib import Path

from aiohttp import web

from sandbox.environment import variable
from sandbox.filled import chosen, form_of
from sandbox.offer import Offer, render_with
from sandbox.receiver.inbox import Behaviour, Inbox, Received

INBOX = web.AppKey("inbox", Inbox)
PATH = "/dev/receiver"
ADDRESS = f"{PATH}/in"
LONGEST = 60.0  # seconds that it can be told to wait

routes = web.RouteTableDef()


@routes.get("/receiver")
async def index(request: web.Request) -> web.Response:
    """What came, and how it answers."""
    inbox = request.app[INBOX]
    template = request.app[render_with].get_template("receiver/list.html")
    html = template.render(
        inbox=inbox,
        behaviours=list(Behaviour),
        longest=int(LONGEST),
        address=f"{request.scheme}://{request.host}{ADDRESS}",
    )
    return web.Response(text=html, content_type="text/html")


@routes.post("/receiver")
async def change(request: web.Request) -> web.Response:
    """Set how it answers from now on, and which secrets it checks with."""
    inbox = request.app[INBOX]
    form = await form_of(request)
    inbox.behaviour, inbox.seconds = chosen(
        form, Behaviour, LONGEST, kind="behaviour", seconds="seconds"
    )
    inbox.secrets = form.get("secrets", "")
    raise web.HTTPSeeOther(PATH)


@routes.post("/receiver/forget")
async def forget(request: web.Request) -> web.Response:
    """Forget what came."""
    request.app[INBOX].received.clear()
    raise web.HTTPSeeOther(PATH)


@routes.route("*", "/receiver/in")
async def take_in(request: web.Request) -> web.StreamResponse:
    """Take anything, note it, and answer as the page has set."""
    inbox = request.app[INBOX]
    body = (await request.read()).decode(errors="replace")
    headers = {name.lower(): value for name, value in request.headers.items()}
    inbox.received.appendleft(Received(request.method, request.path_qs, headers, body))
    await asyncio.sleep(inbox.seconds)
    match inbox.behaviour:
        case Behaviour.FAILS:
            return web.Response(status=500, text="Something went wrong here.")
        case Behaviour.GONE:
            return web.Response(status=410, text="Nobody wants this any more.")
        case Behaviour.REDIRECTS:
            raise web.HTTPFound(PATH)
        case Behaviour.HANGS:
            await asyncio.Event().wait()
        case Behaviour.DRIPS:
            return await talk(request, b".", pause=0.2)
        case Behaviour.HUGE:
            return await talk(request, b"." * 65536, pause=0)
    return web.Response(text="ok")


async def talk(request: web.Request, piece: bytes, pause: float) -> web.StreamResponse:
    """An answer that begins well and never ends."""
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    while True:
        await response.write(piece)
        await asyncio.sleep(pause)


def set_up(app: web.Application, origin: str, folder: Path) -> None:
    """Prepare the inbox, which is empty in every run."""
    app[INBOX] = Inbox()


def environment(origin: str) -> dict[str, str]:
    """The variable by which webhooks may come here."""
    name = "WEBHOOKS_ALLOW_LOCAL"
    return {} if variable(name) else {name: "true"}


OFFER = Offer(
    title="Receiver",
    purpose="Takes webhooks at an address of its own, and shows whether their signature fits.",
    path=PATH,
    routes=routes,
    for_programs=frozenset({ADDRESS}),
    set_up=set_up,
    environment=environment,
)
