"""The server that people run, with a source that says how much of a body came."""

from collections.abc import Mapping

from core.sources import SOURCES
from core.webhooks.body import Refused
from core.webhooks.ledger import Incoming
from core.webhooks.sources import Source
from web.wsgi import application

__all__ = ["application"]

MOST = 100_000


def count(body: bytes, headers: Mapping[str, str]) -> Incoming | None:
    """Believe nobody."""
    raise Refused(f"{len(body)} bytes came")


SOURCES["counting"] = Source("counting", count, lambda *_: None, MOST)  # type: ignore[index]
