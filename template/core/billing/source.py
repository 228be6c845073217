"""Stripe as a source of webhooks.

What takes long to load is imported where it is needed.
"""

from collections.abc import Mapping

from core.env import get_settings
from core.outbox.write import Execute
from core.webhooks.ledger import Incoming, Stored
from core.webhooks.sources import NotSetUp, Source


def verify(body: bytes, headers: Mapping[str, str]) -> Incoming | None:
    """An event of Stripe's, if its type is handled here."""
    from core.billing.webhook import verified

    settings = get_settings()
    if not settings.stripe_webhook_secret.get_secret_value():
        raise NotSetUp("STRIPE_WEBHOOK_SECRET is not set")
    secrets = settings.stripe_webhook_secret.get_secret_value().split(",")
    signature = headers.get("Stripe-Signature", "")
    event, said = verified(body, signature, secrets, livemode=settings.is_live)
    if event.subject is None:
        return None
    return Incoming(
        source="stripe",
        event_id=event.id,
        type=event.type,
        body=said,
        created_at=event.created,
        object_id=event.object_id,
        customer=event.customer_id or "",
    )


def handle(execute: Execute, event: Stored) -> None:
    """Fetch again what an event of Stripe's is about."""
    from core.billing import handle
    from core.billing.stripe_client import stripe_client

    handle.handle(execute, stripe_client(), event.payload)


STRIPE = Source("stripe", verify, handle)
