"""Sources that sign as Standard Webhooks says: https://www.standardwebhooks.com

The id, the moment and the body are signed with a secret that both know (`v1`). Signatures with a
key pair (`v1a`) are passed over, as the library does.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import uuid4

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook, WebhookVerificationError

from core.webhooks.body import Refused, read_body
from core.webhooks.ledger import MOST_BYTES, Incoming
from core.webhooks.sources import Handle, NotSetUp, Source, secrets_of

LONGEST_SIGNATURES = 2000  # characters: about twenty signatures
SECONDS = re.compile(r"[1-9][0-9]{0,11}")


def standard_webhooks(
    name: str, handle: Handle, *, prefix: str = "webhook", most_bytes: int = MOST_BYTES
) -> Source:
    """A source that follows Standard Webhooks; clocks may differ by five minutes.

    `prefix`: what its headers begin with. Many send the same as `svix-id` and so on.
    """

    def verify(body: bytes, headers: Mapping[str, str]) -> Incoming:
        keys = [key_of(secret, name) for secret in secrets_of(name)]
        event_id, moment, signatures = (
            headers.get(f"{prefix}-{part}", "") for part in ("id", "timestamp", "signature")
        )
        if not SECONDS.fullmatch(moment) or len(signatures) > LONGEST_SIGNATURES:
            raise Refused("the signature does not fit")
        signed = {
            "webhook-id": event_id,
            "webhook-timestamp": moment,
            "webhook-signature": signatures,
        }
        if not any(fits(key, body, signed) for key in keys):
            raise Refused("the signature does not fit")
        return event_in(name, event_id, int(moment), body)

    def sign(secret: str, body: bytes, kind: str) -> dict[str, str]:
        event_id, now = f"msg_{uuid4().hex}", datetime.now(UTC)
        return {
            f"{prefix}-id": event_id,
            f"{prefix}-timestamp": str(int(now.timestamp())),
            f"{prefix}-signature": key_of(secret, name).sign(event_id, now, body.decode()),
        }

    return Source(name, verify, handle, most_bytes, sign)


@lru_cache(maxsize=64)
def key_of(secret: str, name: str) -> Webhook:
    """The key that a secret says; raises `NotSetUp` if it says none."""
    try:
        return Webhook(secret)
    except (ValueError, EmptyWebhookSecretError):
        raise NotSetUp(f"WEBHOOK_SECRETS: a secret of {name} is no base64") from None


def fits(key: Webhook, body: bytes, headers: dict[str, str]) -> bool:
    """Whether the signature is one of this key's, and made just now."""
    try:
        key.verify(body, headers, json_parse=False)
    # The library raises ValueError for signatures that are not written as they should be.
    except (WebhookVerificationError, ValueError):
        return False
    return True


def event_in(name: str, event_id: str, moment: int, body: bytes) -> Incoming:
    """The event in a verified body."""
    read = read_body(body)
    if not isinstance(read.said, dict):
        raise Refused("the body is no event")
    about = read.said.get("data")
    return Incoming(
        source=name,
        event_id=event_id,
        type=text_of(read.said, "type"),
        body=read,
        created_at=datetime.fromtimestamp(moment, UTC),
        object_id=text_of(about, "id") if isinstance(about, dict) else "",
    )


def text_of(said: dict[str, Any], name: str) -> str:
    """A text of an event, empty if there is none."""
    value = said.get(name)
    return value if isinstance(value, str) else ""
