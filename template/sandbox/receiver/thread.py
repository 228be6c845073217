"""The receiver in a thread of the test run.

    with receiver_in_thread() as receiver:
        receiver.inbox.behaviour = Behaviour.FAILS
        ...                                  # send to receiver.address
        receiver.inbox.received[0].headers

It is a real HTTP server; what came is kept in the order of its arrival, the newest first.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.in_thread import serving
from sandbox.ports import free_port
from sandbox.receiver.inbox import Inbox
from sandbox.receiver.pages import ADDRESS, INBOX, OFFER
from sandbox.site import offer_pages


@dataclass(frozen=True)
class RunningReceiver:
    """Where it is, and what came."""

    origin: str
    inbox: Inbox

    @property
    def address(self) -> str:
        """Where webhooks go."""
        return f"{self.origin}{ADDRESS}"


@contextlib.contextmanager
def receiver_in_thread() -> Iterator[RunningReceiver]:
    """The receiver on a free port of this machine, until the block ends."""
    port = free_port()
    running = RunningReceiver(f"http://127.0.0.1:{port}", Inbox())
    pages = offer_pages(OFFER)
    pages[INBOX] = running.inbox
    with serving(pages, port):
        yield running
