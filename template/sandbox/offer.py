"""One thing the sandbox offers under `/dev`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

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
    # Where programs post, as the product itself does; below it too, if it ends with a slash.
    for_programs: frozenset[str] = frozenset()
    # Prepares the application for the origin, with what is kept in the folder.
    set_up: Callable[[web.Application, str, Path], None] | None = None
    # The variables that lead the product at this origin here, unless it has the real thing.
    environment: Callable[[str], dict[str, str]] | None = None
