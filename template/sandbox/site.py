"""The pages under `/dev`: an index of what the sandbox offers, and each offer's own pages."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.project import project
from sandbox.mailbox import pages as mailbox
from sandbox.mailbox.store import MailStore
from sandbox.offer import Offer, render_with
from sandbox.offers import OFFERS

HERE = Path(__file__).parent
FOR_PROGRAMS = frozenset[str]().union(*(offer.for_programs for offer in OFFERS))

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # With none at all, browsers would post the forms of these pages from the origin "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def dev_pages(store: MailStore, origin: str, folder: Path) -> web.Application:
    """The application that answers `/dev` here; what it must remember is in the folder."""
    app = offer_pages(*OFFERS)
    app[mailbox.STORE] = store
    for offer in OFFERS:
        if offer.set_up:
            offer.set_up(app, origin, folder)
    app.router.add_get("", index)
    app.router.add_get("/", index)
    return app


def offer_pages(*offers: Offer) -> web.Application:
    """The pages of these offers, to be mounted at `/dev`; what they store is the caller's."""
    app = web.Application(middlewares=[strict_headers, only_this_machine])
    app[render_with] = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    app[render_with].globals["project"] = project
    app.router.add_static("/static", HERE / "static")
    for offer in offers:
        app.router.add_routes(offer.routes)
    return app


async def index(request: web.Request) -> web.Response:
    """What the sandbox offers."""
    template = request.app[render_with].get_template("index.html")
    return web.Response(text=template.render(offers=OFFERS), content_type="text/html")


@web.middleware
async def strict_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let no page run a script or be framed, unless it says otherwise itself."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        error.headers.update(HEADERS)
        raise
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


@web.middleware
async def only_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep other websites out: mails hold links that log people in.

    A website can make a browser call this machine. By a name of its own that points here: so only
    local names are answered. By posting a form: so a change must come from these pages.
    """
    host = urlsplit(f"//{request.host}").hostname or ""
    if host not in {"localhost", "127.0.0.1", "::1"} and not host.endswith(".localhost"):
        raise web.HTTPForbidden(text="The sandbox answers to localhost only.")
    if request.method not in {"GET", "HEAD"}:
        origin = request.headers.get("Origin", "")
        # A browser always says where it comes from; a program has nowhere to come from.
        is_program = not origin and is_for_programs(request.path)
        if not is_program and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text="Changes must come from the sandbox's own pages.")
    return await handler(request)


def is_for_programs(path: str) -> bool:
    """Whether programs post there: to a path, or anywhere below one that ends with a slash."""
    return any(
        path.startswith(each) if each.endswith("/") else path == each for each in FOR_PROGRAMS
    )
