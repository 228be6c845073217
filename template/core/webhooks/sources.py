"""Who sends webhooks, how to tell that it was them, and what to do with what they tell.

What belongs to one source is imported where it is needed: its library may take long to load.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.env import get_settings
from core.outbox.write import Execute
from core.webhooks.ledger import Incoming, Stored


@dataclass(frozen=True)
class Source:
    """Somebody who sends webhooks to `/webhooks/<name>`.

    `verify` is given the raw body and the headers; it answers the event, or None for one that is of
    no interest, and raises `Refused`. `handle` does, in the task's transaction, what a stored event
    asks for; it may be asked again for the same.
    """

    name: str
    verify: Callable[[bytes, Mapping[str, str]], Incoming | None]
    handle: Callable[[Execute, Stored], None]


def verify_stripe(body: bytes, headers: Mapping[str, str]) -> Incoming | None:
    """An event of Stripe's, if its type is handled here."""
    from core.billing.webhook import verified

    settings = get_settings()
    secret = settings.stripe_webhook_secret.get_secret_value()
    signature = headers.get("Stripe-Signature")
    event = verified(body, signature, secret, livemode=settings.is_live)
    if event.subject is None:
        return None
    return Incoming(
        source="stripe",
        event_id=event.id,
        type=event.type,
        payload=body.decode(),
        created_at=event.created,
        object_id=event.object_id,
        customer=event.customer_id or "",
    )


def handle_stripe(execute: Execute, event: Stored) -> None:
    """Fetch again what an event of Stripe's is about."""
    from core.billing.handle import handle
    from core.billing.stripe_client import stripe_client

    handle(execute, stripe_client(), event.payload)


SOURCES: Mapping[str, Source] = {
    "stripe": Source("stripe", verify_stripe, handle_stripe),
    # Yours below this line.
}
