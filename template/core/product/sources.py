"""Yours: who sends webhooks to `/webhooks/<name>`. `docs/sources.md` has the rest.

A source is one line, and its secret in the variable WEBHOOK_SECRETS:

    github_style("github", note_push),

What it sends is verified and stored once; then a worker calls the function, in a transaction:

    def note_push(execute: Execute, event: Stored) -> None:
        if event.type == "push":
            enqueue(execute, ReadRepository(name=event.data["repository"]["full_name"]))
"""

from core.webhooks.sources import Source

PRODUCT_SOURCES: tuple[Source, ...] = ()
