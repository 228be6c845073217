"""Events as Stripe sends them."""

import json
import time
from typing import Any

from sandbox.stripe.webhooks import signature

SECRET = "whsec_test"


def event(**changes: Any) -> dict[str, Any]:
    """An event that is handled here, about nobody whom we know."""
    return {
        "id": "evt_1",
        "object": "event",
        "type": "invoice.paid",
        "created": 1_800_000_000,
        "livemode": False,
        "data": {"object": {"id": "in_1", "object": "invoice", "customer": "cus_1"}},
        **changes,
    }


def signed(body: bytes, *, secret: str = SECRET, age: float = 0) -> str:
    """The header that Stripe sends along."""
    return signature(secret, body, int(time.time() - age))


def body_of(sent: dict[str, Any]) -> bytes:
    return json.dumps(sent).encode()
