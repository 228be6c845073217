"""A webhook's request, from its raw body to an event that can be believed."""

import time
from collections.abc import Sequence

from stripe import SignatureVerificationError, WebhookSignature

from core.billing.events import BadEvent, Event, read
from core.webhooks.body import Body, Refused, read_body

TOLERANCE = 300  # seconds that clocks may differ


def verified(
    body: bytes, signature: str, secrets: Sequence[str], *, livemode: bool
) -> tuple[Event, Body]:
    """The event in a request's raw body, signed with one of the secrets, and the body.

    Raises Refused.

    `livemode`: whether our key is a live one. The other mode's events are none of our business.
    """
    if not any(fits(body, signature, secret) for secret in secrets):
        raise Refused("the signature does not fit")
    said = read_body(body)
    try:
        event = read(said.said)
    except BadEvent as error:
        raise Refused(str(error)) from None
    if event.livemode != livemode:
        raise Refused("the event is of another mode")
    return event, said


def fits(body: bytes, signature: str, secret: str) -> bool:
    """Whether the signature is one of this secret's, and made just now."""
    try:
        WebhookSignature.verify_header(body.decode(), signature, secret, TOLERANCE)
        # The library takes what is signed for the future, and it took this number.
        parts = (part.partition("=") for part in signature.split(","))
        moment = next(int(value) for name, _, value in parts if name == "t")
    # The library raises the last for a signature that is not ASCII.
    except (SignatureVerificationError, ValueError, IndexError, TypeError):
        return False
    return moment <= time.time() + TOLERANCE
