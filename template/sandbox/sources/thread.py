"""The sources in a thread of the test run.

    with sources_in_thread() as sources:
        sources["news"].behaviour = Behaviour.HANGS
        ...                                  # ask at sources.addresses["news"] + "/facts"
        sources["news"].asked

It is a real HTTP server; whoever asks and leaves is counted.
"""

import contextlib
from collections.abc import Iterator

from sandbox.in_thread import serving
from sandbox.ports import free_port
from sandbox.site import offer_pages
from sandbox.sources.pages import OFFER, PATH, SOURCES
from sandbox.sources.source import Source, sources


class RunningSources(dict[str, Source]):
    """The sources by their names. Their fields are plain numbers, which any thread may set."""

    def __init__(self, port: int) -> None:
        super().__init__(sources())
        origin = f"http://127.0.0.1:{port}"
        self.addresses = {name: f"{origin}{PATH}/{name}" for name in self}


@contextlib.contextmanager
def sources_in_thread() -> Iterator[RunningSources]:
    """The sources on a free port of this machine, until the block ends."""
    port = free_port()
    running = RunningSources(port)
    pages = offer_pages(OFFER)
    pages[SOURCES] = running
    with serving(pages, port):
        yield running
