"""Sources that sign the body alone with a secret that both know, as GitHub does and many others.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

from core.webhooks.body import Refused, read_body
from core.webhooks.ledger import MOST_BYTES, Incoming
from core.webhooks.sources import Handle, Source, secrets_of


def github_style(
    name: str,
    handle: Handle,
    *,
    signature: str = "X-Hub-Signature-256",
    delivery: str = "X-GitHub-Delivery",
    event: str = "X-GitHub-Event",
    prefix: str = "sha256=",
    encoding: Literal["hex", "base64"] = "hex",
    most_bytes: int = MOST_BYTES,
) -> Source:
    """A source that sends HMAC-SHA256 of the body.

    Neither the moment nor the event's id and type are signed. Who has seen a delivery can send it
    again, under another id: `handle` does best to look up what the event is about.

    Parameters
    ----------
    signature, delivery, event
        The headers that hold the signature, the event's id and its type.
    prefix, encoding
        How the signature is written.
    """

    def written(secret: str, body: bytes) -> str:
        digest = hmac.digest(secret.encode(), body, "sha256")
        return prefix + (digest.hex() if encoding == "hex" else b64encode(digest).decode())

    def verify(body: bytes, headers: Mapping[str, str]) -> Incoming:
        given = headers.get(signature, "").encode(errors="replace")
        expected = [written(secret, body).encode() for secret in secrets_of(name)]
        if not any(hmac.compare_digest(each, given) for each in expected):
            raise Refused("the signature does not fit")
        return Incoming(
            source=name,
            event_id=headers.get(delivery, ""),
            type=headers.get(event, ""),
            body=read_body(body),
            created_at=datetime.now(UTC),
        )

    def sign(secret: str, body: bytes, kind: str) -> dict[str, str]:
        return {signature: written(secret, body), delivery: str(uuid4()), event: kind}

    return Source(name, verify, handle, most_bytes, sign)
