"""The model in a thread of the test run.

    with llm_in_thread() as llm:
        environment(**llm.environment)           # leads the product there
        llm.text, llm.hold_after = "One two three four", 2
        ...                                      # ask
        llm.wait(lambda: llm.asked[-1].tokens == 2)
        ...                                      # leave
        llm.wait(lambda: llm.left == 1)          # it saw that nobody listens any more

It is a real HTTP server; it answers as quickly as it can.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.in_thread import serving
from sandbox.llm.model import KEY, MODEL, Llm
from sandbox.llm.pages import LLM, OFFER, PATH
from sandbox.ports import free_port
from sandbox.site import offer_pages


@dataclass
class RunningLlm(Llm):
    """A running model."""

    pace: float = 0.0
    origin: str = ""

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"{self.origin}{PATH}/v1"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead the product there."""
        return {"ASSISTANT_URL": self.url, "ASSISTANT_KEY": KEY, "ASSISTANT_MODEL": MODEL}


@contextlib.contextmanager
def llm_in_thread() -> Iterator[RunningLlm]:
    """The model on a free port of this machine, until the block ends."""
    port = free_port()
    llm = RunningLlm(origin=f"http://127.0.0.1:{port}")
    pages = offer_pages(OFFER)
    pages[LLM] = llm
    with serving(pages, port):
        yield llm
