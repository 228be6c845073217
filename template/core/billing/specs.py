"""What Stripe's objects should be, as the plans say, and whether they are."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

import stripe

from core.billing.plans import INTERVALS, Catalog, Names
from core.project import project

Spec = dict[str, Any]


def product_specs(catalog: Catalog, names: Names) -> Iterator[Spec]:
    """The products that there should be."""
    for plan in catalog.plans:
        if not plan.is_free:
            yield product_spec(names, "plan", plan.code, plan.name, plan.description)
    for metered in catalog.metered:
        yield product_spec(names, "usage", metered.code, metered.name, "")
    for once in catalog.one_time:
        yield product_spec(names, "once", once.code, once.name, once.description)


def product_spec(
    names: Names, kind: Literal["plan", "usage", "once"], code: str, name: str, description: str
) -> Spec:
    """One product."""
    spec: Spec = {
        "id": names.product(kind, code),
        "name": name,
        "metadata": {"project": names.project, "kind": kind, "code": code},
    }
    return {**spec, "description": description} if description else spec


def price_specs(catalog: Catalog, names: Names, meters: Mapping[str, str]) -> Iterator[Spec]:
    """The prices that there should be."""
    for plan in catalog.plans:
        for price in plan.prices:
            spec = price_spec(
                names.product("plan", plan.code), names.plan_price(plan, price), price.currency
            )
            spec["recurring"] = {"interval": price.interval}
            if price.extra_seat is None:
                spec["unit_amount"] = price.amount
            else:
                spec |= tiered(
                    {"up_to": plan.included_seats, "flat_amount": price.amount, "unit_amount": 0},
                    {"up_to": "inf", "unit_amount": price.extra_seat},
                )
            yield spec
    for metered in catalog.metered:
        for currency, amount in metered.unit_amounts.items():
            for interval in INTERVALS:
                spec = price_spec(
                    names.product("usage", metered.code),
                    names.usage_price(metered, interval, currency),
                    currency,
                )
                spec["recurring"] = {
                    "interval": interval,
                    "usage_type": "metered",
                    "meter": meters[metered.code],
                }
                if metered.included:
                    spec |= tiered(
                        {"up_to": metered.included, "unit_amount": 0},
                        {"up_to": "inf", "unit_amount_decimal": amount},
                    )
                else:
                    spec["unit_amount_decimal"] = amount
                yield spec
    for once in catalog.one_time:
        for currency, whole in once.amounts.items():
            spec = price_spec(
                names.product("once", once.code), names.once_price(once, currency), currency
            )
            yield {**spec, "unit_amount": whole}


def price_spec(product: str, lookup_key: str, currency: str) -> Spec:
    """What all prices have."""
    return {"product": product, "lookup_key": lookup_key, "currency": currency}


def tiered(*tiers: Spec) -> Spec:
    """Tiers that are paid one after the other."""
    return {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": list(tiers)}


def portal_spec() -> Spec:
    """Cards, invoices and cancellation.

    Plans change on our own pages: Stripe's cannot change what is billed by use as well, and know
    nothing of how many members fit. Seats follow the members.
    """
    headline = f"{project.name} works with Stripe for billing."
    return {
        # Stripe takes no longer one.
        "business_profile": {"headline": headline if len(headline) <= 60 else project.name[:60]},
        "features": {
            "customer_update": {
                "enabled": True,
                "allowed_updates": ["email", "name", "address", "tax_id"],
            },
            "invoice_history": {"enabled": True},
            "payment_method_update": {"enabled": True},
            "subscription_cancel": {
                "enabled": True,
                "mode": "at_period_end",
                "proration_behavior": "none",
            },
            "subscription_update": {"enabled": False},
        },
    }


def differs(product: stripe.Product, spec: Spec) -> bool:
    """Whether a product is not as it should be."""
    return (
        not product.active
        or product.name != spec["name"]
        or (product.description or "") != spec.get("description", "")
        or product.metadata.to_dict() != spec["metadata"]
    )


def same_price(price: stripe.Price, spec: Spec) -> bool:
    """Whether a price costs what it should."""
    recurring = spec.get("recurring", {})
    actual = price.recurring
    if (actual is None) != (not recurring):
        return False
    if actual is not None and (
        actual.interval != recurring["interval"]
        or actual.usage_type != recurring.get("usage_type", "licensed")
        or (actual.meter or "") != recurring.get("meter", "")
    ):
        return False
    if price.currency != spec["currency"] or price.product != spec["product"]:
        return False
    if "tiers" not in spec:
        wanted = unit_price(spec)
        return price.billing_scheme == "per_unit" and price.unit_amount_decimal == wanted
    tiers = [
        (tier.up_to, tier.flat_amount or 0, tier.unit_amount_decimal or Decimal(0))
        for tier in price.tiers or []
    ]
    return tiers == [
        (
            None if tier["up_to"] == "inf" else tier["up_to"],
            tier.get("flat_amount", 0),
            unit_price(tier),
        )
        for tier in spec["tiers"]
    ]


def unit_price(spec: Spec) -> Decimal:
    """What one unit costs."""
    return Decimal(str(spec.get("unit_amount_decimal", spec.get("unit_amount", 0))))
