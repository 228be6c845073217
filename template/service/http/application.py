"""The application without its features: middleware, error documents, OpenAPI and its page."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from core.api.openapi import complete
from core.env import get_settings
from core.logs import configure_logging
from core.project import project
from service.http import docs, problems
from service.http.body import BodyLimit
from service.http.capacity import Capacity, allow_open_files
from service.http.context import CatchErrors, RequestContext
from service.http.headers import KnownHost, SecurityHeaders
from service.http.stopping import Stopping
from service.identity.openapi import describe_cookie


class Application(FastAPI):
    """FastAPI whose OpenAPI document says what the table of operations knows."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            document = get_openapi(
                title=self.title,
                version=self.version,
                description=self.description,
                routes=self.routes,
            )
            describe_cookie(document)
            self.openapi_schema = complete(document, get_settings().origin)
        return self.openapi_schema


def make_application(
    *,
    prefix: str,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
) -> Application:
    """An application that documents itself at `<prefix>/docs` and `<prefix>/openapi.json`."""
    configure_logging()

    @asynccontextmanager
    async def whole(app: FastAPI) -> AsyncIterator[None]:
        allow_open_files()
        # Streams are told to end before what they use is closed.
        async with lifespan(app):
            with app.state.stopping.on_signal():
                yield

    app = Application(
        title=project.name,
        description=project.description,
        version="1",
        openapi_url=f"{prefix}/openapi.json",
        # The built-in pages load their scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=operation_id,
        responses=problems.documented(422, 500),
        lifespan=whole,
    )
    app.state.stopping = Stopping()
    # The last one added sees a request first.
    for middleware in (
        CatchErrors,
        BodyLimit,
        KnownHost,
        Capacity,
        SecurityHeaders,
        RequestContext,
    ):
        app.add_middleware(middleware)
    problems.install(app)
    docs.install(app, prefix)
    return app


def operation_id(route: APIRoute) -> str:
    """The function's name: it stays when the path or the tags change."""
    return route.name
