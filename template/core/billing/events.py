"""What Stripe's events mean: which of them matter here, and what is to be fetched again.

An event is news that something changed, and nothing more: what it holds may be old, twice or out of
order by the time it is read. So only names are taken from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Subject(StrEnum):
    """What is to be fetched again."""

    SUBSCRIPTION = "subscription"
    INVOICE = "invoice"
    CHECKOUT = "checkout"
    CUSTOMER = "customer"
    CHARGE = "charge"


HANDLED: Mapping[str, Subject] = {
    "checkout.session.completed": Subject.CHECKOUT,
    "checkout.session.async_payment_succeeded": Subject.CHECKOUT,
    "checkout.session.async_payment_failed": Subject.CHECKOUT,
    "checkout.session.expired": Subject.CHECKOUT,
    "customer.subscription.created": Subject.SUBSCRIPTION,
    "customer.subscription.updated": Subject.SUBSCRIPTION,
    "customer.subscription.deleted": Subject.SUBSCRIPTION,
    "customer.subscription.paused": Subject.SUBSCRIPTION,
    "customer.subscription.resumed": Subject.SUBSCRIPTION,
    "customer.subscription.trial_will_end": Subject.SUBSCRIPTION,
    "customer.updated": Subject.CUSTOMER,
    "customer.deleted": Subject.CUSTOMER,
    "invoice.finalized": Subject.INVOICE,
    "invoice.paid": Subject.INVOICE,
    "invoice.payment_failed": Subject.INVOICE,
    "invoice.payment_action_required": Subject.INVOICE,
    "invoice.voided": Subject.INVOICE,
    "invoice.marked_uncollectible": Subject.INVOICE,
    "charge.refunded": Subject.CHARGE,
}


class BadEvent(ValueError):
    """This is no event of Stripe's."""


@dataclass(frozen=True)
class Event:
    """The names that an event tells."""

    id: str
    type: str
    created: datetime
    livemode: bool
    object_id: str
    customer_id: str | None
    subscription_id: str | None

    @property
    def subject(self) -> Subject | None:
        """What is to be fetched again; None if this type is not handled here."""
        return HANDLED.get(self.type)


def read(payload: object) -> Event:
    """The event in a decoded body; raises BadEvent."""
    if not isinstance(payload, dict) or payload.get("object") != "event":
        raise BadEvent("the body is no event")
    data = payload.get("data")
    stored = data.get("object") if isinstance(data, dict) else None
    name, kind, created = payload.get("id"), payload.get("type"), payload.get("created")
    livemode = payload.get("livemode")
    if (
        not isinstance(name, str)
        or not isinstance(kind, str)
        or type(created) is not int
        or type(livemode) is not bool
        or not isinstance(stored, dict)
        or not name.startswith("evt_")
        or max(len(name), len(kind)) > 255
    ):
        raise BadEvent("the event lacks its id, type, time, mode or object")
    try:
        moment = datetime.fromtimestamp(created, UTC)
    except (ValueError, OverflowError, OSError):
        raise BadEvent("the event's time is no time") from None
    object_id = stored.get("id")
    return Event(
        id=name,
        type=kind,
        created=moment,
        livemode=livemode,
        object_id=object_id if isinstance(object_id, str) else "",
        customer_id=customer_of(stored),
        subscription_id=subscription_of(stored),
    )


def customer_of(stored: Mapping[str, Any]) -> str | None:
    """The customer that an object belongs to, or is."""
    if stored.get("object") == "customer":
        return name_of(stored)
    return name_of(stored.get("customer"))


def subscription_of(stored: Mapping[str, Any]) -> str | None:
    """The subscription that an object belongs to, or is."""
    if stored.get("object") == "subscription":
        return name_of(stored)
    parent = stored.get("parent")
    details = parent.get("subscription_details") if isinstance(parent, dict) else None
    if isinstance(details, dict):
        return name_of(details.get("subscription"))
    return name_of(stored.get("subscription"))


def name_of(value: object) -> str | None:
    """An object's name, whether it stands alone or in the object."""
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) else None
