"""One thing the sandbox offers under `/dev`."""

from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web
from jinja2 import Environment

render_with = web.AppKey("render_with", Environment)


@dataclass(frozen=True)
class Offer:
    """A stand-in for something of the outside world, and its pages."""

    title: str
    purpose: str
    path: str
    routes: Iterable[web.AbstractRouteDef]
    # Where programs post, as the product itself does.
    for_programs: frozenset[str] = frozenset()
