"""A webhook's request, from its raw body to an event that can be believed."""

import json

from stripe import SignatureVerificationError, WebhookSignature

from core.billing.events import BadEvent, Event, read
from core.webhooks.ledger import MOST_BYTES, Refused

TOLERANCE = 300  # seconds that a signature may be old


def verified(body: bytes, signature: str | None, secret: str, *, livemode: bool) -> Event:
    """The event in a request's raw body; raises Refused.

    `livemode`: whether our key is a live one. The other mode's events are none of our business.
    """
    if len(body) > MOST_BYTES:
        raise Refused("the body is too large")
    if not secret:
        raise Refused("no webhook secret is set")
    try:
        WebhookSignature.verify_header(body.decode(), signature or "", secret, TOLERANCE)
        event = read(json.loads(body))
    # Stripe's library raises the last for a signature that is not ASCII.
    except (SignatureVerificationError, UnicodeDecodeError, IndexError, TypeError):
        raise Refused("the signature does not fit") from None
    except (BadEvent, ValueError, RecursionError) as error:
        raise Refused(str(error)) from None
    if event.livemode != livemode:
        raise Refused("the event is of another mode")
    return event
