"""The model in a process of its own: `python -m sandbox.llm PORT [SECONDS_PER_TOKEN [TOKENS]]`."""

import sys

from aiohttp import web

from sandbox.llm.model import PACE, Llm
from sandbox.llm.pages import LLM, OFFER
from sandbox.site import offer_pages


def main(port: str, pace: str = str(PACE), tokens: str = "") -> None:
    """Answer on this port of this machine until a signal comes."""
    pages = offer_pages(OFFER)
    pages[LLM] = Llm(pace=float(pace), text=" word" * int(tokens or 0))
    app = web.Application()
    app.add_subapp("/dev", pages)
    web.run_app(
        app,
        host="127.0.0.1",
        port=int(port),
        print=None,
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=0.1,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
