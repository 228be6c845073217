"""The routes of the application, found by asking it."""

import re
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from service.main import app

# Files of pages, which anybody may load.
FILES = re.compile(r"/(assets|api/v1/docs|service/docs)\b")


def routes(application: FastAPI = app) -> Iterator[str]:
    """Each route as `GET /path/{name}`; of what is mounted, the place as `* /path`."""
    for context in iter_route_contexts(application.routes):
        if isinstance(context.original_route, Mount):
            if not FILES.match(context.original_route.path):
                yield f"* {context.original_route.path}"
            continue
        for method in sorted(getattr(context, "methods", None) or {"GET"}):
            if method != "HEAD":
                yield f"{method} {context.path}"
