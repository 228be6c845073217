"""Checkout: the page of Stripe's on which a person pays, and how far that is.

A team has one customer, and the customer's row is locked here. So a team never has two checkouts of
one kind open: a second tab gets the same one, and one for something else ends the former. It is
asked for subscriptions after that. So no two can come of it.
"""

import hashlib
import json
import re
from typing import Any

import stripe
from stripe.checkout import Session

from core.billing.customers import (
    customer_for,
    name_of_customer,
    payment_due,
    running,
    subscriptions_of,
)
from core.billing.database import CustomerRow
from core.billing.plans import Plan, Price
from core.billing.schemas import CheckoutStart, CheckoutState, PurchaseStart
from core.billing.seats import count_members, desired_quantity, require_fit
from core.billing.shop import Addresses, Shop, TeamFacts, conflict, explained
from core.problems import Problem, invalid, not_found

MOST_KEYS = 10  # that Stripe takes at a time
SESSION = re.compile(r"cs_[A-Za-z0-9_]{1,200}")
KNOWN_SUBSCRIPTION = "SELECT 1 FROM billing_subscription WHERE stripe_id = %(stripe_id)s"
KNOWN_PURCHASE = "SELECT 1 FROM billing_purchase WHERE stripe_id = %(stripe_id)s"


@explained
def start_checkout(shop: Shop, team: TeamFacts, wanted: CheckoutStart, addresses: Addresses) -> str:
    """The address at which a person subscribes the team to a plan.

    Raises 409 if it has a subscription, or pays in another currency; 402 if it is too large.
    """
    plan, price = offered(shop, wanted.plan, wanted.interval, wanted.currency)
    keys = [shop.names.plan_price(plan, price)]
    keys += [
        shop.names.usage_price(each, price.interval, price.currency)
        for each in shop.catalog.metered_of(plan)
        if price.currency in each.unit_amounts
    ]
    seats, *usage = prices_named(shop, keys)
    customer = customer_for(shop, team)
    members = count_members(shop.execute, team.id)
    require_fit(plan, members)
    require_currency(shop, customer, price.currency)
    spec: dict[str, Any] = {
        **common(shop, team, customer, addresses),
        "mode": "subscription",
        "line_items": [
            {"price": seats, "quantity": desired_quantity(plan, members)},
            *({"price": each} for each in usage),
        ],
        "subscription_data": {
            "metadata": metadata(shop, team),
            # What was used is billed when what it costs changes, instead of being forgotten.
            "billing_mode": {"type": "flexible"},
        },
    }
    same = close_others(shop, customer, spec)
    former = subscriptions_of(shop.client, customer)
    if subscription := running(former):
        raise already_subscribed(shop, subscription)
    if same is not None:
        return address_of(same)
    if plan.trial_days and may_try(former):
        spec["subscription_data"]["trial_period_days"] = plan.trial_days
    return address_of(create(shop, spec))


@explained
def start_purchase(shop: Shop, team: TeamFacts, wanted: PurchaseStart, addresses: Addresses) -> str:
    """The address at which a person buys something once. It can be bought again."""
    try:
        once = shop.catalog.one_time_purchase(wanted.code)
        once.amounts[wanted.currency]
    except LookupError:
        raise invalid([("#/code", "This is not sold in this currency.")]) from None
    (price,) = prices_named(shop, [shop.names.once_price(once, wanted.currency)])
    customer = customer_for(shop, team)
    require_currency(shop, customer, wanted.currency)
    marks = {**metadata(shop, team), "code": once.code}
    spec: dict[str, Any] = {
        **common(shop, team, customer, addresses),
        "mode": "payment",
        "line_items": [{"price": price, "quantity": 1}],
        "invoice_creation": {"enabled": True},
        "payment_intent_data": {"metadata": marks},
    }
    same = close_others(shop, customer, spec)
    return address_of(same or create(shop, spec))


@explained
def checkout_state(shop: Shop, team: TeamFacts, session_id: str) -> CheckoutState:
    """How far a checkout of this team is; raises 404 for any other. It changes nothing."""
    customer = name_of_customer(shop, team)
    if not SESSION.fullmatch(session_id):
        raise not_found("checkout")
    try:
        session = shop.client.v1.checkout.sessions.retrieve(session_id)
    except stripe.InvalidRequestError as error:
        if error.http_status == 404:
            raise not_found("checkout") from None
        raise
    if session.customer != customer:
        raise not_found("checkout")
    if session.status != "complete":
        return CheckoutState(status="expired" if session.status == "expired" else "open")
    return CheckoutState(status="complete" if is_known(shop, session) else "processing")


def is_known(shop: Shop, session: Session) -> bool:
    """Whether what came of a checkout is in our tables."""
    if session.mode == "subscription":
        return bool(shop.execute(KNOWN_SUBSCRIPTION, {"stripe_id": session.subscription}))
    return bool(shop.execute(KNOWN_PURCHASE, {"stripe_id": session.id}))


# ---------------------------------------------------------------------------------- what is asked
def offered(shop: Shop, code: str, interval: str, currency: str) -> tuple[Plan, Price]:
    """The plan and its price, as the plans in code say; raises 422 for what is not sold."""
    try:
        plan = shop.catalog.plan(code)
    except LookupError:
        raise invalid([("#/plan", "There is no such plan.")]) from None
    if plan.is_free:
        raise invalid([("#/plan", "This plan needs no subscription.")])
    try:
        return plan, plan.price(interval, currency)
    except LookupError:
        detail = f"The plan {plan.name} is not sold by the {interval} in {currency.upper()}."
        raise invalid([("#/plan", detail)]) from None


def prices_named(shop: Shop, keys: list[str]) -> list[str]:
    """The names of the prices that have these lookup keys, in their order."""
    found: dict[str | None, str] = {}
    for some in [keys[at : at + MOST_KEYS] for at in range(0, len(keys), MOST_KEYS)]:
        listed = shop.client.v1.prices.list({"lookup_keys": some, "active": True, "limit": 100})
        found |= {price.lookup_key: price.id for price in listed.auto_paging_iter()}
    if missing := [key for key in keys if key not in found]:
        raise Problem(
            503,
            "not-set-up",
            "This cannot be bought now",
            f"Stripe does not know {', '.join(missing)}: `just billing-sync` was not run.",
        )
    return [found[key] for key in keys]


def require_currency(shop: Shop, customer: CustomerRow, currency: str) -> None:
    """Raises 409 if the customer pays in another currency: Stripe keeps to the first one."""
    known = shop.client.v1.customers.retrieve(customer.stripe_id)
    if getattr(known, "deleted", False):
        raise conflict(
            "customer-gone",
            "Stripe does not know the team any more",
            "Its customer was deleted there. We notice that by ourselves: try again in a while.",
        )
    fixed = known.currency
    if fixed and fixed != currency:
        raise conflict(
            "currency-fixed",
            "The currency is fixed",
            f"The team pays in {fixed.upper()}, and Stripe keeps to that. Choose this currency.",
            currency=fixed,
        )


def already_subscribed(shop: Shop, subscription: stripe.Subscription) -> Exception:
    """409, and what to do instead."""
    if subscription.status in {"past_due", "unpaid"}:
        return payment_due(shop.client, subscription)
    if subscription.status == "incomplete":
        return conflict(
            "payment-pending",
            "A payment is on its way",
            "The team's first payment is not through yet. Wait for it, or try again in a day.",
        )
    return conflict(
        "subscribed",
        "The team is subscribed",
        "It has a subscription already. Change its plan instead.",
    )


def may_try(former: list[stripe.Subscription]) -> bool:
    """Whether a trial is open to it: only with the first subscription that ever ran."""
    return all(each.status == "incomplete_expired" for each in former)


# -------------------------------------------------------------------------------------- sessions
def metadata(shop: Shop, team: TeamFacts) -> dict[str, str]:
    """What everything is marked with that we make at Stripe."""
    return {"project": shop.names.project, "team_id": str(team.id)}


def common(
    shop: Shop, team: TeamFacts, customer: CustomerRow, addresses: Addresses
) -> dict[str, Any]:
    """What all sessions have."""
    spec: dict[str, Any] = {
        "customer": customer.stripe_id,
        "success_url": addresses.done,
        "cancel_url": addresses.back,
        "metadata": metadata(shop, team),
        "allow_promotion_codes": True,
    }
    if shop.automatic_tax:
        # The address that a person enters is kept: what tax is due depends on it.
        spec |= {
            "automatic_tax": {"enabled": True},
            "tax_id_collection": {"enabled": True},
            "customer_update": {"address": "auto", "name": "auto"},
        }
    return spec


def close_others(shop: Shop, customer: CustomerRow, spec: dict[str, Any]) -> Session | None:
    """End the customer's open checkouts of this mode, so that nobody pays twice.

    The one that is for the same stays open and is answered; the others are ended at Stripe. Marks
    the wanted one, so that it is recognised next time.
    """
    digest = hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:32]
    spec["metadata"]["digest"] = digest
    listed = shop.client.v1.checkout.sessions.list(
        {"customer": customer.stripe_id, "status": "open", "limit": 100}
    )
    same = None
    for session in listed.auto_paging_iter():
        if session.mode != spec["mode"]:
            continue
        marks = session.metadata.to_dict() if session.metadata else {}
        if same is None and marks.get("digest") == digest:
            same = session
        else:
            close(shop, session)
    return same


def close(shop: Shop, session: Session) -> None:
    """End an open session; raises 409 if a person is paying there this moment."""
    try:
        shop.client.v1.checkout.sessions.expire(session.id)
    except stripe.InvalidRequestError:
        if shop.client.v1.checkout.sessions.retrieve(session.id).status == "open":
            raise conflict(
                "payment-pending",
                "A payment is on its way",
                "Somebody of the team is paying in another window. Wait for that to end.",
            ) from None


def create(shop: Shop, spec: dict[str, Any]) -> Session:
    """Make the session. A repetition finds it by its digest, so it needs no key of ours."""
    return shop.client.v1.checkout.sessions.create(spec)  # type: ignore[arg-type]


def address_of(session: Session) -> str:
    """Where a person pays."""
    return session.url or ""  # every open session has one
