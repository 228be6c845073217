"""What people filled into the forms of these pages."""

from enum import StrEnum
from typing import TypeVar

from aiohttp import web

Kind = TypeVar("Kind", bound=StrEnum)


async def form_of(request: web.Request) -> dict[str, str]:
    """The fields of a form, as texts."""
    return {name: str(value) for name, value in (await request.post()).items()}


def chosen(
    values: dict[str, str], kinds: type[Kind], longest: float, *, kind: str, seconds: str
) -> tuple[Kind, float]:
    """How a stand-in shall behave from now on, and for how long; raises 400 for what cannot be.

    `kind` and `seconds` are the names of the fields, and `longest` the most seconds.
    """
    try:
        behaviour, wait = kinds(values.get(kind, "")), float(values.get(seconds) or 0)
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    if not 0 <= wait <= longest:
        raise web.HTTPBadRequest(text=f"From 0 to {longest:.0f} seconds.")
    return behaviour, wait
