"""The few HTML pages of an API: what the links in mails open. They need no script."""

from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from service.pages import invitations, routes


def install(app: FastAPI) -> None:
    """Serve the pages and their stylesheet."""
    app.mount("/assets", StaticFiles(directory=Path(__file__).with_name("static")))
    for feature in (routes, invitations):
        app.include_router(feature.router, include_in_schema=False)
