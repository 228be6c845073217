"""Subscriptions: created, changed, canceled, resumed. `lifecycle.py` is what time does to them."""

from typing import Any

from sandbox.stripe import coupons, invoices, lifecycle, payments, proration, subscription_items
from sandbox.stripe.amounts import price_amount
from sandbox.stripe.clock import DAY, period_after
from sandbox.stripe.customers import live_customer
from sandbox.stripe.errors import card_error, invalid
from sandbox.stripe.forms import Json, Params, merge_metadata
from sandbox.stripe.payment_methods import decline
from sandbox.stripe.routes import Routes, page, short_list
from sandbox.stripe.subscription_items import Wanted, interval_of
from sandbox.stripe.world import World, completes

routes = Routes()
PAYMENT_BEHAVIORS = ("allow_incomplete", "default_incomplete", "error_if_incomplete")
PRORATIONS = ("create_prorations", "always_invoice", "none")
FEEDBACK = (
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
)


@completes("subscription")
def complete(world: World, subscription: Json) -> Json:
    """With its items."""
    found = [world.answer(item) for item in subscription_items.of(world, subscription)]
    url = f"/subscription_items?subscription={subscription['id']}"
    return {**subscription, "items": short_list(url, found)}


def make(
    world: World,
    customer: Json,
    items: list[Wanted],
    *,
    trial_end: int | None = None,
    settings: Json | None = None,
    discounts: list[tuple[Json, Json | None]] | None = None,
    checkout_session: str | None = None,
) -> Json:
    """A new subscription with its first invoice, final and not yet collected."""
    now = world.now()
    interval, count = interval_of(items)
    subscription: Json = {
        "id": world.new_id("sub"),
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": trial_end or now,
        "billing_cycle_anchor_config": None,
        "billing_mode": {"type": "flexible", "flexible": {"proration_discounts": "included"}},
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": now,
        "currency": items[0].price["currency"],
        "customer": customer["id"],
        "days_until_due": None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "latest_invoice": None,
        "livemode": False,
        "metadata": {},
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": now,
        "status": "trialing" if trial_end else "incomplete",
        "test_clock": None,
        "transfer_data": None,
        "trial_end": trial_end,
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": now if trial_end else None,
        "_items": [],
        "_period": [now, trial_end or period_after(now, interval, count, now)],
        "_warned": False,
        **(settings or {}),
    }
    if subscription["cancel_at_period_end"]:
        subscription["cancel_at"] = subscription["_period"][1]
    world.add(subscription)
    for wanted in items:
        subscription_items.make(world, subscription, wanted)
    period = (now, subscription["_period"][1])
    lifecycle.set_period(world, subscription, *period)
    subscription["discounts"] = coupons.redeem(
        world,
        discounts or [],
        customer=customer["id"],
        subscription=subscription["id"],
        checkout_session=checkout_session,
    )
    lines = lifecycle.trial_lines if trial_end else lifecycle.licensed_lines
    world.emit("customer.subscription.created", subscription)
    lifecycle.bill(
        world, subscription, "subscription_create", lines(world, subscription, period), (now, now)
    )
    return subscription


def collect_first(world: World, subscription: Json, **how: Any) -> payments.Outcome:
    """Collect the first invoice, unless it cost nothing."""
    invoice = world.get("invoice", subscription["latest_invoice"])
    outcome: payments.Outcome = "paid"
    if invoice["status"] == "open":
        outcome = invoices.collect(world, invoice, **how)
    if outcome == "requires_action" and how.get("present"):
        return outcome
    lifecycle.settle(world, invoice, outcome, automatic=True)
    return outcome


@routes.on("POST", "/subscriptions")
def create(world: World, params: Params) -> Json:
    customer = live_customer(world, params.required("customer"))
    items = subscription_items.changed(world, None, params.each("items"))
    behaviour = params.choice("payment_behavior", PAYMENT_BEHAVIORS, "allow_incomplete")
    params.choice("collection_method", ("charge_automatically",), "charge_automatically")
    params.choice("proration_behavior", PRORATIONS, "create_prorations")
    params.accept("off_session", "billing_mode")
    trial_end = trial_end_of(world, params)
    discounts = coupons.wanted(world, params)
    settings: Json = {}
    apply_settings(world, settings, customer, params)
    if behaviour == "error_if_incomplete" and not trial_end:
        refuse_if_unpayable(world, settings, customer)
    subscription = make(
        world, customer, items, trial_end=trial_end, settings=settings, discounts=discounts
    )
    invoice = world.get("invoice", subscription["latest_invoice"])
    if invoice["status"] == "paid" or behaviour != "default_incomplete":
        collect_first(world, subscription)
    return subscription


def trial_end_of(world: World, params: Params) -> int | None:
    """When the trial ends; None without one."""
    if params.text("trial_end") == "now":
        return None
    days, end = params.integer("trial_period_days", least=0), params.integer("trial_end")
    if days and end:
        raise invalid("You may only specify one of trial_end and trial_period_days.", "trial_end")
    if end is not None and end <= world.now():
        raise invalid("Invalid timestamp: must be an integer Unix time in the future.", "trial_end")
    return end or (world.now() + days * DAY if days else None)


def apply_settings(world: World, target: Json, customer: Json, params: Params) -> None:
    """What creation and update share."""
    if params.has("default_payment_method"):
        name = params.text("default_payment_method")
        if name:
            method = world.get("payment_method", name, "default_payment_method")
            if method["customer"] != customer["id"]:
                raise invalid(
                    "The customer does not have a payment method with this ID.",
                    "default_payment_method",
                    "resource_missing",
                )
        target["default_payment_method"] = name
    if params.has("description"):
        target["description"] = params.text("description")
    if params.has("automatic_tax"):
        tax = params.inside("automatic_tax")
        target["automatic_tax"] = {
            "disabled_reason": None,
            "enabled": tax.boolean("enabled"),
            "liability": {"type": "self"} if tax.boolean("enabled") else None,
        }
    if params.has("payment_settings"):
        chosen = params.inside("payment_settings")
        target["payment_settings"] = {
            "payment_method_options": None,
            "payment_method_types": chosen.texts("payment_method_types") or None,
            "save_default_payment_method": chosen.choice(
                "save_default_payment_method", ("off", "on_subscription"), "off"
            ),
        }
    if params.has("trial_settings"):
        target["trial_settings"] = trial_settings(params)
    target["metadata"] = merge_metadata(target.get("metadata"), params)
    apply_end(world, target, params)


def trial_settings(params: Params) -> Json:
    """What becomes of a trial without a payment method."""
    behaviour = params.inside("trial_settings").inside("end_behavior")
    choices = ("cancel", "create_invoice", "pause")
    missing = behaviour.choice("missing_payment_method", choices, "create_invoice")
    return {"end_behavior": {"missing_payment_method": missing}}


def apply_end(world: World, target: Json, params: Params) -> None:
    """When it is to end, if it is."""
    details = params.inside("cancellation_details")
    if details.keys():
        feedback = details.text("feedback")
        if feedback not in {None, *FEEDBACK}:
            raise invalid("Invalid feedback.", "cancellation_details[feedback]")
        target["cancellation_details"] = {
            **target.get("cancellation_details", {"reason": None}),
            "comment": details.text("comment"),
            "feedback": feedback,
        }
    if params.has("cancel_at") and params.has("cancel_at_period_end"):
        raise invalid("You may only specify one of cancel_at, cancel_at_period_end.", "cancel_at")
    if params.has("cancel_at_period_end"):
        at_end = params.boolean("cancel_at_period_end")
        if at_end != target.get("cancel_at_period_end", False):
            when = target["_period"][1] if at_end and "_period" in target else None
            schedule_end(world, target, when, at_period_end=at_end)
    if params.has("cancel_at"):
        when = params.integer("cancel_at")
        if when is not None and when <= world.now():
            raise invalid("cancel_at must be in the future.", "cancel_at")
        schedule_end(world, target, when, at_period_end=False)


def schedule_end(world: World, target: Json, when: int | None, *, at_period_end: bool) -> None:
    """Let it end then, or go on."""
    ends = when is not None or at_period_end
    details = target.get("cancellation_details", {"comment": None, "feedback": None})
    target.update(
        cancel_at=when,
        cancel_at_period_end=at_period_end,
        canceled_at=world.now() if ends else None,
        cancellation_details={
            "comment": details["comment"] if ends else None,
            "feedback": details["feedback"] if ends else None,
            "reason": "cancellation_requested" if ends else None,
        },
    )


def refuse_if_unpayable(world: World, settings: Json, customer: Json) -> None:
    """Raise the card's error before anything is changed."""
    name = (
        settings.get("default_payment_method")
        or customer["invoice_settings"]["default_payment_method"]
    )
    method = world.find("payment_method", name)
    if method is None:
        raise invalid(
            "This customer has no attached payment source or default payment method.",
            code="resource_missing",
        )
    if reason := payments.refusal_of(world, method, customer["id"]):
        raise card_error(decline(reason))


routes.retrieve("/subscriptions", "subscription")


@routes.on("GET", "/subscriptions")
def everything(world: World, params: Params) -> Json:
    customer, price, status = (params.text(name) for name in ("customer", "price", "status"))
    found = [
        each
        for each in world.all("subscription")
        if customer in {None, each["customer"]}
        and has_status(each, status)
        and (
            price is None
            or any(item["_price"] == price for item in subscription_items.of(world, each))
        )
    ]
    return page(world, params, found, "/subscriptions")


def has_status(subscription: Json, wanted: str | None) -> bool:
    """Whether a list of that status has it; those that ended are not listed unless asked for."""
    if wanted == "all":
        return True
    if wanted == "ended":
        return subscription["ended_at"] is not None
    if wanted is None:
        return subscription["ended_at"] is None
    return bool(subscription["status"] == wanted)


def must_run(subscription: Json) -> None:
    """Refuse to change what is over."""
    if subscription["ended_at"] is not None:
        raise invalid(
            "A canceled subscription can only update its cancellation_details and metadata.",
        )


@routes.on("POST", "/subscriptions/{}")
def update(world: World, params: Params, name: str) -> Json:
    subscription = world.get("subscription", name)
    if set(params.keys()) - {"metadata", "cancellation_details", "expand"}:
        must_run(subscription)
    if Change.of(world, params).payment == "error_if_incomplete":
        tried = world.copy()
        owed = apply_update(tried, params.again(), tried.get("subscription", name))
        if owed and owed["amount_due"]:
            customer = world.get("customer", subscription["customer"])
            refuse_if_unpayable(world, subscription, customer)
    params.accept("off_session")
    if invoice := apply_update(world, params, subscription):
        lifecycle.collect(world, invoice)
    return subscription


def apply_update(world: World, params: Params, subscription: Json) -> Json | None:
    """Change the subscription as asked; answers the invoice to collect now, if there is one."""
    customer = world.get("customer", subscription["customer"])
    how = Change.of(world, params)
    ends_trial = params.text("trial_end") == "now" and subscription["status"] == "trialing"
    new_trial_end = None if params.text("trial_end") == "now" else params.integer("trial_end")
    items = subscription_items.changed(world, subscription, params.each("items"))
    discounts = coupons.wanted(world, params)
    with world.changing(subscription):
        apply_settings(world, subscription, customer, params)
        if params.has("discounts"):
            subscription["discounts"] = coupons.redeem(
                world, discounts, customer=customer["id"], subscription=subscription["id"]
            )
        if new_trial_end is not None:
            move_trial(world, subscription, new_trial_end)
        invoice = change_items(world, subscription, items, how)
        if ends_trial:
            subscription.update(trial_end=world.now(), status="active")
            invoice = lifecycle.start_period_now(world, subscription, "subscription_update")
    return invoice


def move_trial(world: World, subscription: Json, end: int) -> None:
    """Give or prolong a trial."""
    if end <= world.now():
        raise invalid("Invalid timestamp: must be an integer Unix time in the future.", "trial_end")
    subscription.update(
        trial_start=subscription["trial_start"] or world.now(),
        trial_end=end,
        billing_cycle_anchor=end,
        status="trialing",
        _warned=False,
    )
    lifecycle.set_period(world, subscription, world.now(), end)


class Change:
    """How a change of items is billed."""

    def __init__(self, proration: str, payment: str, when: int) -> None:
        self.proration = proration
        self.payment = payment
        self.when = when

    @classmethod
    def of(cls, world: World, params: Params) -> "Change":
        """As the request says."""
        return cls(
            params.choice("proration_behavior", PRORATIONS, "create_prorations"),
            params.choice("payment_behavior", PAYMENT_BEHAVIORS, "allow_incomplete"),
            params.integer("proration_date") or world.now(),
        )


def change_items(world: World, subscription: Json, items: list[Wanted], how: Change) -> Json | None:
    """Change prices and quantities; answers the invoice to collect now, if there is one."""
    former = lifecycle.now_items(world, subscription)
    start, end = subscription["_period"]
    lines = proration.lines_for(world, items, (start, end), how.when)
    if not any(is_change(each) for each in items):
        return None
    changes_interval = interval_of(former) != interval_of(items)
    runs = subscription["status"] in {"active", "past_due"}
    if runs and not start <= how.when <= end:
        raise invalid("proration_date must be in the current period.", "proration_date")
    if runs and how.proration != "none":
        bill_used(world, subscription, items)
    for wanted in items:
        place(world, subscription, wanted)
    lifecycle.set_period(world, subscription, start, end)
    if runs and how.proration != "none":
        if changes_interval:
            lines = [line for line in lines if line[1] <= 0]
        proration.keep(world, subscription, lines, (how.when, end))
    if changes_interval and runs:
        return lifecycle.start_period_now(world, subscription, "subscription_update")
    if runs and how.proration == "always_invoice" and lines:
        return lifecycle.bill(world, subscription, "subscription_update", [], (how.when, how.when))
    return None


def is_change(wanted: Wanted) -> bool:
    """Whether the item is not as it shall be."""
    if wanted.item is None or wanted.is_removed:
        return True
    return (wanted.item["_price"], wanted.item["_quantity"]) != (
        wanted.price["id"],
        wanted.quantity,
    )


def bill_used(world: World, subscription: Json, items: list[Wanted]) -> None:
    """Let what was used of metered prices that go wait for the next invoice.

    Stripe's documentation: "Manage your usage-based billing setup", of flexible billing.
    """
    for wanted in items:
        former = subscription_items.current(world, wanted.item) if wanted.item else None
        if former is None or not subscription_items.is_metered(former.price):
            continue
        if not wanted.is_removed and wanted.price["id"] == former.price["id"]:
            continue
        period = (subscription["_period"][0], world.now())
        used, counted = lifecycle.used_of(world, subscription, former, period)
        if used:
            invoices.make_item(
                world,
                customer=subscription["customer"],
                currency=subscription["currency"],
                amount=price_amount(former.price, used),
                description=f"{used} x {lifecycle.product_name(world, former.price)}",
                price=former.price,
                quantity=used,
                period=counted,
                subscription_item=former.item,
            )


def place(world: World, subscription: Json, wanted: Wanted) -> None:
    """Make the item what it shall be."""
    if wanted.item is None:
        wanted.item = subscription_items.make(world, subscription, wanted)
    elif wanted.is_removed:
        subscription["_items"].remove(wanted.item["id"])
    else:
        if wanted.item["_price"] != wanted.price["id"]:
            wanted.item["_since"] = world.now()
        wanted.item.update(
            _price=wanted.price["id"], _quantity=wanted.quantity, metadata=wanted.metadata
        )


@routes.on("DELETE", "/subscriptions/{}")
def cancel(world: World, params: Params, name: str) -> Json:
    subscription = world.get("subscription", name)
    if subscription["ended_at"] is not None:
        raise invalid(f"No such subscription: '{name}'", "id", "resource_missing")
    invoice_now, prorate = params.boolean("invoice_now"), params.boolean("prorate")
    apply_end(world, subscription, params)
    start, end = subscription["_period"]
    if prorate and subscription["status"] in {"active", "past_due"}:
        gone = lifecycle.now_items(world, subscription)
        for each in gone:
            each.is_removed = True
        lines = proration.lines_for(world, gone, (start, end), world.now())
        proration.keep(world, subscription, lines, (world.now(), end))
    if invoice_now:
        used = lifecycle.metered_lines(world, subscription, (start, world.now()))
        invoice = lifecycle.bill(
            world, subscription, "subscription_cycle", used, (start, world.now())
        )
        lifecycle.collect(world, invoice)
    lifecycle.end(world, subscription)
    return subscription


@routes.on("POST", "/subscriptions/{}/resume")
def resume(world: World, params: Params, name: str) -> Json:
    subscription = world.get("subscription", name)
    if subscription["status"] != "paused":
        raise invalid("Only paused subscriptions can be resumed.")
    params.choice("billing_cycle_anchor", ("now", "unchanged"), "now")
    params.choice("proration_behavior", PRORATIONS, "create_prorations")
    with world.changing(subscription, "customer.subscription.resumed"):
        subscription["status"] = "active"
        invoice = lifecycle.start_period_now(world, subscription, "subscription_update")
    lifecycle.collect(world, invoice)
    return subscription


@routes.on("GET", "/subscription_items")
def all_items(world: World, params: Params) -> Json:
    subscription = world.get("subscription", params.required("subscription"), "subscription")
    found = subscription_items.of(world, subscription)
    return page(world, params, reversed(found), "/subscription_items")


routes.retrieve("/subscription_items", "subscription_item")


@routes.on("POST", "/subscription_items")
def add_item(world: World, params: Params) -> Json:
    subscription = world.get("subscription", params.required("subscription"), "subscription")
    must_run(subscription)
    how = Change.of(world, params)
    wanted = subscription_items.one(world, params, None)
    return _change_one(world, subscription, wanted, how)


@routes.on("POST", "/subscription_items/{}")
def update_item(world: World, params: Params, name: str) -> Json:
    item = world.get("subscription_item", name)
    subscription = world.get("subscription", item["subscription"])
    must_run(subscription)
    how = Change.of(world, params)
    wanted = subscription_items.one(world, params, subscription_items.current(world, item))
    return _change_one(world, subscription, wanted, how)


@routes.on("DELETE", "/subscription_items/{}")
def remove_item(world: World, params: Params, name: str) -> Json:
    item = world.get("subscription_item", name)
    subscription = world.get("subscription", item["subscription"])
    how = Change.of(world, params)
    params.accept("clear_usage")
    wanted = subscription_items.current(world, item)
    wanted.is_removed = True
    _change_one(world, subscription, wanted, how)
    return {"id": name, "object": "subscription_item", "deleted": True}


def _change_one(world: World, subscription: Json, wanted: Wanted, how: Change) -> Json:
    others = [
        each
        for each in lifecycle.now_items(world, subscription)
        if each.item and (wanted.item is None or each.item["id"] != wanted.item["id"])
    ]
    subscription_items.check_together([each for each in [*others, wanted] if not each.is_removed])
    with world.changing(subscription):
        invoice = change_items(world, subscription, [*others, wanted], how)
    if invoice:
        lifecycle.collect(world, invoice)
    return wanted.item or {}
