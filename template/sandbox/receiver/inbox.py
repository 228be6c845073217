"""What came, and how the receiver behaves; its addresses are in `pages.py`."""

import base64
import hashlib
import hmac
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

KEPT = 50  # requests
TOLERANCE = 300  # seconds that a message may be old


class Behaviour(StrEnum):
    """How the receiver answers; the values are the words of the page."""

    TAKES = "takes it (200)"
    FAILS = "fails (500)"
    GONE = "is gone (410)"
    REDIRECTS = "sends elsewhere (302)"
    HANGS = "never answers"
    DRIPS = "answers a little at a time"
    HUGE = "never stops talking"


@dataclass(frozen=True)
class Received:
    """A request that came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str
    at: float = field(default_factory=time.time)

    @property
    def id(self) -> str:
        """What the sender calls the message."""
        return self.headers.get("webhook-id", "")

    def judgement(self, secrets: str) -> str:
        """Whether the signature fits one of the secrets, in words."""
        return judge(secrets.split(), self.headers, self.body.encode(), self.at)


@dataclass
class Inbox:
    """What came, the newest first, and what the page has set."""

    behaviour: Behaviour = Behaviour.TAKES
    seconds: float = 0.0  # before it does anything
    secrets: str = ""
    received: deque[Received] = field(default_factory=lambda: deque(maxlen=KEPT))

    def times(self, message_id: str) -> int:
        """How often a message came."""
        return sum(each.id == message_id for each in self.received)


def judge(secrets: list[str], headers: Mapping[str, str], body: bytes, now: float) -> str:
    """Whether a message is what Standard Webhooks wants, in words for a person."""
    wanted = [headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")]
    if not all(wanted):
        return "It is not signed."
    message_id, timestamp, signatures = wanted
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE:
        return "The signature is too old, or its time is none."
    if not secrets:
        return "It is signed; paste the secret to see whether that fits."
    signed = f"{message_id}.{timestamp}.".encode() + body
    for number, secret in enumerate(secrets, 1):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            return "This secret is none: copy all of it."
        expected = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
        given = signatures.encode(errors="replace").split()
        if any(hmac.compare_digest(expected, each) for each in given):
            which = f" of secret {number}" if len(secrets) > 1 else ""
            return f"The signature{which} fits."
    return "The signature does not fit."
