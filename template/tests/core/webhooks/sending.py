"""Two sources of the tests' own, one of each kind, and what they send."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import SecretStr

from core.env import get_settings
from core.outbox.write import Execute
from core.webhooks import sources
from core.webhooks.github import github_style
from core.webhooks.ledger import Stored
from core.webhooks.sources import Source
from core.webhooks.standard import standard_webhooks

NEW, OLD = "whsec_bmV3IHNlY3JldA==", "whsec_b2xkIHNlY3JldA=="
OTHER = "whsec_b3RoZXIgc2VjcmV0"
VARIABLE = f"acme={NEW},acme={OLD},hub={NEW},hub={OLD}"


def ignore(execute: Execute, event: Stored) -> None:
    """Events of the tests ask for nothing."""


ACME = standard_webhooks("acme", ignore)
HUB = github_style("hub", ignore, most_bytes=3_000_000)
BOTH = (ACME, HUB)


@dataclass(frozen=True)
class Delivery:
    """A request of a source's."""

    source: Source
    body: bytes
    headers: Mapping[str, str]

    def changed(self, **headers: str) -> "Delivery":
        """The same, but for some headers; `_` stands for a hyphen."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **named})

    def verify(self) -> Any:
        """What the source makes of it."""
        return self.source.verify(self.body, self.headers)


def body_of(**fields: Any) -> bytes:
    """An event."""
    return json.dumps({"type": "order.paid", "data": {"id": "ord_1"}, **fields}).encode()


def delivery(source: Source, body: bytes | None = None, secret: str = NEW) -> Delivery:
    """A delivery that is signed as it should be."""
    sent = body_of() if body is None else body
    assert source.sign
    return Delivery(source, sent, source.sign(secret, sent, "order.paid"))


def give_secrets(monkeypatch: Any, **secrets: tuple[str, ...]) -> None:
    """Let the sources have these secrets, and no others."""
    found = {name: tuple(map(SecretStr, given)) for name, given in secrets.items()}
    settings = get_settings().model_copy(update={"webhook_secrets": found})
    monkeypatch.setattr(sources, "get_settings", lambda: settings)
