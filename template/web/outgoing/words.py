"""Webhooks in words, for pages."""

from core.outgoing import desk
from core.outgoing.events import TestEvent
from core.outgoing.schemas import DeliveryStatus, EventType

STATUSES = {
    DeliveryStatus.PENDING: "Waiting",
    DeliveryStatus.DELIVERED: "Delivered",
    DeliveryStatus.FAILED: "Failed",
}


def choosable() -> list[EventType]:
    """The types to choose from: a test goes wherever somebody sends it."""
    return [each for each in desk.event_types().items if each.name != TestEvent.type]
