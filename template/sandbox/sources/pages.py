"""The sources' addresses, `/dev/sources`: a page to set them, and what programs fetch."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

from aiohttp import web

from sandbox.environment import variable
from sandbox.filled import chosen, form_of
from sandbox.offer import Offer, render_with
from sandbox.sources.source import Behaviour, Source, sources

SOURCES = web.AppKey("sources", dict[str, Source])
PATH = "/dev/sources"
LONGEST = 60.0  # seconds that a source can be told to wait

routes = web.RouteTableDef()


@routes.get("/sources")
async def index(request: web.Request) -> web.Response:
    """How each behaves, to be changed."""
    template = request.app[render_with].get_template("sources/list.html")
    found = request.app[SOURCES].values()
    html = template.render(sources=found, behaviours=list(Behaviour), longest=int(LONGEST))
    return web.Response(text=html, content_type="text/html")


@routes.post("/sources/{name}")
async def change(request: web.Request) -> web.Response:
    """Set how a source behaves from now on."""
    source = source_of(request)
    form = await form_of(request)
    source.behaviour, source.seconds = chosen(
        form, Behaviour, LONGEST, kind="behaviour", seconds="seconds"
    )
    raise web.HTTPSeeOther(PATH)


@routes.route("*", "/sources/{name}/facts")
async def facts(request: web.Request) -> web.StreamResponse:
    """What the source knows of what the query names."""
    source = source_of(request)
    with counted(source, request):
        await asyncio.sleep(source.seconds)
        return await behave(source, request)


async def behave(source: Source, request: web.Request) -> web.StreamResponse:
    """Answer as the source is set to."""
    match source.behaviour:
        case Behaviour.FLAKY if source.asked % 2:
            return web.Response(status=503, headers={"Retry-After": "0"})
        case Behaviour.FAILS:
            return web.Response(status=500)
        case Behaviour.HANGS:
            await asyncio.Event().wait()
        case Behaviour.HUGE:
            return await talk(request, forever=True)
        case Behaviour.BREAKS_OFF:
            return await talk(request, forever=False)
        case Behaviour.REDIRECTS:
            raise web.HTTPFound(f"{PATH}/register/facts")
        case Behaviour.BABBLES:
            return web.Response(text="<p>Maintenance</p>", content_type="text/html")
    about = request.query.get("about", "something")
    return web.json_response(
        {"facts": [{"title": source.name.capitalize(), "text": f"Knows of {about[:200]}"}]}
    )


async def talk(request: web.Request, *, forever: bool) -> web.StreamResponse:
    """An answer that begins well and never ends, or ends before its time."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(b'{"facts": [')
    while forever:
        await response.write(b" " * 65536)
    if request.transport is not None:
        request.transport.abort()
    return response


@contextlib.contextmanager
def counted(source: Source, request: web.Request) -> Iterator[None]:
    """Count a request, how many there are at once, and whether it was waited for."""
    source.asked += 1
    source.running += 1
    source.most_at_once = max(source.most_at_once, source.running)
    source.last_headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        yield
    except (asyncio.CancelledError, ConnectionError):
        source.left += 1
        raise
    finally:
        source.running -= 1


def source_of(request: web.Request) -> Source:
    """The source that the path names."""
    source = request.app[SOURCES].get(request.match_info["name"])
    if source is None:
        raise web.HTTPNotFound(text="There is no such source.")
    return source


def set_up(app: web.Application, origin: str, folder: Path) -> None:
    """Prepare the sources, which are as at first in every run."""
    app[SOURCES] = sources()


def environment(origin: str) -> dict[str, str]:
    """The variable by which the service asks these, unless others are named."""
    if variable("UPSTREAMS"):
        return {}
    return {"UPSTREAMS": ",".join(f"{name}={origin}{PATH}/{name}" for name in sources())}


OFFER = Offer(
    title="Sources",
    purpose="What the service asks when it calls several others at once: good, slow and broken.",
    path=PATH,
    routes=routes,
    # Some programs post what they ask.
    for_programs=frozenset(f"{PATH}/{name}/facts" for name in sources()),
    set_up=set_up,
    environment=environment,
)
