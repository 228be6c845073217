"""Invoices: what is owed, from draft to paid, void or uncollectible.

A total below zero becomes the customer's credit (`balance`), which the next invoice uses up.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from sandbox.stripe import payments
from sandbox.stripe.amounts import price_amount, rounded, spread
from sandbox.stripe.coupons import still_counts
from sandbox.stripe.customers import live_customer
from sandbox.stripe.errors import card_error, invalid
from sandbox.stripe.forms import Json, Params, merge_metadata
from sandbox.stripe.payment_methods import resolve
from sandbox.stripe.routes import Routes, page, short_list
from sandbox.stripe.world import ON_REQUEST, World, completes

routes = Routes()


def make_line(
    world: World,
    *,
    price: Json | None,
    quantity: int | None,
    amount: int,
    currency: str,
    period: tuple[int, int],
    description: str,
    subscription_item: Json | None = None,
    invoice_item: str | None = None,
    proration: bool = False,
    metadata: Json | None = None,
) -> Json:
    """One line; the invoice it stands on is filled in later."""
    if subscription_item is not None:
        parent: Json = {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": invoice_item,
                "proration": proration,
                "proration_details": {"credited_items": None},
                "subscription": subscription_item["subscription"],
                "subscription_item": subscription_item["id"],
            },
        }
    else:
        parent = {
            "type": "invoice_item_details",
            "invoice_item_details": {
                "invoice_item": invoice_item,
                "proration": proration,
                "proration_details": {"credited_items": None},
                "subscription": None,
            },
            "subscription_item_details": None,
        }
    return {
        "id": world.new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": currency,
        "description": description,
        "discount_amounts": [],
        "discountable": not proration,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": metadata or {},
        "parent": parent,
        "period": {"start": period[0], "end": period[1]},
        "pretax_credit_amounts": [],
        "pricing": price
        and {
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": quantity,
        "quantity_decimal": None if quantity is None else str(quantity),
        "subtotal": amount,
        "taxes": [],
    }


def make_invoice(
    world: World,
    customer: Json,
    *,
    currency: str,
    reason: str,
    lines: Sequence[Json],
    period: tuple[int, int],
    subscription: Json | None = None,
    discounts: Sequence[str] = (),
    auto_advance: bool = True,
) -> Json:
    """A draft, with the discounts that still count."""
    name = world.new_id("in")
    invoice: Json = {
        "id": name,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Sandbox",
        "account_tax_ids": None,
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": auto_advance,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": bool(subscription and subscription["automatic_tax"]["enabled"]),
            "liability": None,
            "provider": None,
            "status": None,
        },
        "automatically_finalizes_at": None,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": world.now(),
        "currency": currency,
        "custom_fields": None,
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": None,
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [],
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": list(discounts),
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "on_behalf_of": None,
        "parent": None,
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": period[1],
        "period_start": period[0],
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": 0,
        "statement_descriptor": None,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": 0,
        "subtotal_excluding_tax": 0,
        "test_clock": None,
        "total": 0,
        "total_discount_amounts": [],
        "total_excluding_tax": 0,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": None,
        "_lines": [],
        "_subscription": subscription and subscription["id"],
        "_intent": None,
        "_collections": 0,
        # Whether what the customer has left over is used; at a checkout all is paid there.
        "_uses_balance": True,
    }
    if subscription:
        invoice["parent"] = {
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": {
                "metadata": subscription["metadata"],
                "subscription": subscription["id"],
            },
        }
    add_lines(world, invoice, lines)
    return invoice


def add_lines(world: World, invoice: Json, lines: Sequence[Json]) -> None:
    """Put lines on a draft and add everything up."""
    for line in lines:
        line["invoice"] = invoice["id"]
    invoice["_lines"].extend(lines)
    apply_discounts(world, invoice)
    subtotal = sum(line["amount"] for line in invoice["_lines"])
    off = sum(each["amount"] for each in invoice["total_discount_amounts"])
    invoice.update(
        subtotal=subtotal,
        subtotal_excluding_tax=subtotal,
        total=subtotal - off,
        total_excluding_tax=subtotal - off,
    )
    customer = world.get("customer", invoice["customer"])
    invoice["starting_balance"] = customer["balance"] if invoice["_uses_balance"] else 0
    invoice["amount_due"] = max(0, invoice["total"] + invoice["starting_balance"])
    invoice["amount_remaining"] = invoice["amount_due"]


def apply_discounts(world: World, invoice: Json) -> None:
    """Take the discounts off the lines, one after the other; prorations are not discounted."""
    invoice["total_discount_amounts"] = []
    lines = [line for line in invoice["_lines"] if line["discountable"] and line["amount"] > 0]
    left = {line["id"]: line["amount"] for line in lines}
    for line in invoice["_lines"]:
        line["discount_amounts"] = []
    for name in invoice["discounts"]:
        coupon = world.get("coupon", world.get("discount", name)["source"]["coupon"])
        total = sum(left.values())
        if coupon["percent_off"] is not None:
            off = rounded(Fraction(str(coupon["percent_off"])) * total / 100)
        else:
            off = (
                min(total, coupon["amount_off"]) if coupon["currency"] == invoice["currency"] else 0
            )
        for line, part in zip(lines, spread(off, list(left.values())), strict=True):
            line["discount_amounts"].append({"amount": part, "discount": name})
            left[line["id"]] -= part
        invoice["total_discount_amounts"].append({"amount": off, "discount": name})


@completes("invoice")
def complete(world: World, invoice: Json) -> Json:
    """With its first lines."""
    return {**invoice, "lines": short_list(f"/invoices/{invoice['id']}/lines", invoice["_lines"])}


def usable_discounts(world: World, names: Sequence[str]) -> list[str]:
    """Those that count on an invoice made now; those that count once are used up by it."""
    return [name for name in names if still_counts(world, world.get("discount", name))]


def created(world: World, invoice: Json, *, finalizes_at: int | None = None) -> Json:
    """Keep a draft and tell of it."""
    invoice["automatically_finalizes_at"] = finalizes_at
    for name in invoice["discounts"]:
        world.get("discount", name)["_used"] = True
    world.add(invoice)
    world.emit("invoice.created", invoice)
    return invoice


def finalize(world: World, invoice: Json) -> None:
    """Make a draft final: it gets its number, and can be paid. What costs nothing is paid."""
    if invoice["status"] != "draft":
        raise invalid("Only draft invoices can be finalized.", code="invoice_not_editable")
    customer = world.get("customer", invoice["customer"])
    add_lines(world, invoice, [])
    number = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] += 1
    ending = invoice["starting_balance"] + invoice["total"] - invoice["amount_due"]
    invoice.update(
        automatically_finalizes_at=None,
        effective_at=world.now(),
        ending_balance=ending,
        hosted_invoice_url=f"{world.pages_url}/invoice/{invoice['id']}",
        invoice_pdf=f"{world.pages_url}/invoice/{invoice['id']}/pdf",
        number=f"{customer['invoice_prefix']}-{number:04}",
        status="open",
    )
    invoice["status_transitions"]["finalized_at"] = world.now()
    if invoice["automatic_tax"]["enabled"]:
        invoice["automatic_tax"]["status"] = "complete"
    with world.changing(customer):
        customer["balance"] += ending - invoice["starting_balance"]
        customer["currency"] = customer["currency"] or invoice["currency"]
    if invoice["amount_due"]:
        intent = payments.make_intent(
            world,
            amount=invoice["amount_due"],
            currency=invoice["currency"],
            customer=customer["id"],
            description="Subscription update" if invoice["_subscription"] else "Invoice",
        )
        invoice["_intent"] = intent["id"]
        world.add(
            {
                "id": world.new_id("inpay"),
                "object": "invoice_payment",
                "amount_paid": None,
                "amount_requested": invoice["amount_due"],
                "created": world.now(),
                "currency": invoice["currency"],
                "invoice": invoice["id"],
                "is_default": True,
                "livemode": False,
                "payment": {"type": "payment_intent", "payment_intent": intent["id"]},
                "status": "open",
                "status_transitions": {"canceled_at": None, "paid_at": None},
            }
        )
    world.emit("invoice.finalized", invoice)
    if not invoice["amount_due"]:
        mark_paid(world, invoice)


def mark_paid(world: World, invoice: Json) -> None:
    """It is settled."""
    with world.changing(invoice):
        invoice.update(
            amount_paid=invoice["amount_due"],
            amount_remaining=0,
            attempted=True,
            next_payment_attempt=None,
            status="paid",
        )
        invoice["status_transitions"]["paid_at"] = world.now()
        invoice["auto_advance"] = False
    for payment in payments_of(world, invoice):
        payment.update(amount_paid=invoice["amount_paid"], status="paid")
        payment["status_transitions"]["paid_at"] = world.now()
        world.emit("invoice_payment.paid", payment)
    customer = world.get("customer", invoice["customer"])
    with world.changing(customer):
        customer["delinquent"] = False
    world.emit("invoice.paid", invoice)
    world.emit("invoice.payment_succeeded", invoice)


def payment_method_for(world: World, invoice: Json) -> Json | None:
    """What the invoice is collected from: the subscription's method, or else the customer's."""
    customer = world.get("customer", invoice["customer"])
    subscription = world.find("subscription", invoice["_subscription"])
    for name in (
        subscription["default_payment_method"] if subscription else None,
        customer["invoice_settings"]["default_payment_method"],
    ):
        if found := world.find("payment_method", name):
            return found
    return None


def collect(
    world: World,
    invoice: Json,
    method: Json | None = None,
    *,
    present: bool = False,
    passed: bool = False,
) -> payments.Outcome:
    """Try to have an open invoice paid, and tell how it ended."""
    intent = world.get("payment_intent", invoice["_intent"])
    method = method or payment_method_for(world, invoice)
    outcome: payments.Outcome = "refused"
    if method is not None:
        outcome = payments.confirm(world, intent, method, present=present, passed=passed)
    invoice["attempted"] = True
    invoice["attempt_count"] += 1
    if outcome == "paid":
        mark_paid(world, invoice)
        return outcome
    customer = world.get("customer", invoice["customer"])
    with world.changing(customer):
        customer["delinquent"] = True
    if outcome == "requires_action":
        world.emit("invoice.payment_action_required", invoice)
    return outcome


def tell_failure(world: World, invoice: Json) -> None:
    """The payment failed; when it will be tried again stands on the invoice."""
    world.emit("invoice.payment_failed", invoice)
    world.emit("invoice.updated", invoice, {"attempt_count": invoice["attempt_count"] - 1})


def void(world: World, invoice: Json) -> None:
    """It was a mistake: nothing is owed."""
    if invoice["status"] not in {"open", "uncollectible"}:
        raise invalid("You can only void open or uncollectible invoices.")
    with world.changing(invoice, "invoice.voided"):
        invoice.update(
            status="void", amount_remaining=0, next_payment_attempt=None, auto_advance=False
        )
        invoice["status_transitions"]["voided_at"] = world.now()
    if intent := world.find("payment_intent", invoice["_intent"]):
        payments.cancel_intent(world, intent, "void_invoice")
    for payment in payments_of(world, invoice):
        payment["status"] = "canceled"
        payment["status_transitions"]["canceled_at"] = world.now()


def payments_of(world: World, invoice: Json) -> list[Json]:
    """How the invoice is paid."""
    return [each for each in world.all("invoice_payment") if each["invoice"] == invoice["id"]]


ON_REQUEST["invoice", "payments"] = lambda world, invoice: short_list(
    f"/invoice_payments?invoice={invoice['id']}",
    [world.answer(each) for each in payments_of(world, invoice)],
)


def _secret(world: World, invoice: Json) -> Json | None:
    intent = world.find("payment_intent", invoice["_intent"])
    return intent and {"client_secret": intent["client_secret"], "type": "payment_intent"}


ON_REQUEST["invoice", "confirmation_secret"] = _secret


# ------------------------------------------------------------------------------------ addresses
routes.retrieve("/invoices", "invoice")


@routes.on("GET", "/invoices")
def everything(world: World, params: Params) -> Json:
    customer, status = params.text("customer"), params.text("status")
    subscription = params.text("subscription")
    found = [
        each
        for each in world.all("invoice")
        if customer in {None, each["customer"]}
        and status in {None, each["status"]}
        and subscription in {None, each["_subscription"]}
    ]
    return page(world, params, found, "/invoices")


@routes.on("GET", "/invoices/{}/lines")
def lines_of(world: World, params: Params, name: str) -> Json:
    lines = world.get("invoice", name)["_lines"]
    return page(world, params, reversed(lines), f"/invoices/{name}/lines")


@routes.on("POST", "/invoices")
def create(world: World, params: Params) -> Json:
    customer = live_customer(world, params.required("customer"))
    currency = params.text("currency") or customer["currency"] or "usd"
    subscription_name = params.text("subscription")
    subscription = (
        world.get("subscription", subscription_name, "subscription") if subscription_name else None
    )
    behaviour = params.choice("pending_invoice_items_behavior", ("exclude", "include"), "exclude")
    taken = []
    if behaviour == "include" or subscription:
        taken = pending(world, customer["id"], subscription_name, currency)
    invoice = make_invoice(
        world,
        customer,
        currency=currency,
        reason="manual",
        lines=[line_of(world, item) for item in taken],
        period=(world.now(), world.now()),
        subscription=subscription,
        auto_advance=params.boolean("auto_advance"),
    )
    invoice["description"] = params.text("description")
    invoice["metadata"] = merge_metadata(None, params)
    for item in taken:
        item["invoice"] = invoice["id"]
    hour = world.now() + world.policy.finalize_after
    return created(world, invoice, finalizes_at=hour if invoice["auto_advance"] else None)


@routes.on("POST", "/invoices/{}")
def update(world: World, params: Params, name: str) -> Json:
    invoice = world.get("invoice", name)
    with world.changing(invoice):
        if params.has("auto_advance"):
            invoice["auto_advance"] = params.boolean("auto_advance")
        if params.has("description"):
            invoice["description"] = params.text("description")
        invoice["metadata"] = merge_metadata(invoice["metadata"], params)
    return invoice


@routes.on("POST", "/invoices/{}/finalize")
def finalize_now(world: World, params: Params, name: str) -> Json:
    invoice = world.get("invoice", name)
    params.accept("auto_advance")
    finalize(world, invoice)
    return invoice


@routes.on("POST", "/invoices/{}/pay")
def pay(world: World, params: Params, name: str) -> Json:
    from sandbox.stripe.lifecycle import settle  # invoices are below subscriptions

    invoice = world.get("invoice", name)
    if invoice["status"] == "draft":
        finalize(world, invoice)
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] == "void":
        raise invalid("This invoice is void and cannot be paid.", code="invoice_not_payable")
    method_name = params.text("payment_method")
    present = not params.boolean("off_session", default=True)
    if params.boolean("paid_out_of_band"):
        mark_paid(world, invoice)
        outcome: Any = "paid"
    else:
        method = resolve(world, method_name) if method_name else None
        outcome = collect(world, invoice, method, present=present)
    settle(world, invoice, outcome, automatic=False)
    if outcome != "paid":
        intent = world.get("payment_intent", invoice["_intent"])
        error = intent["last_payment_error"]
        if error is None:
            raise invalid(
                "There is no `default_payment_method` set on this Customer or Invoice.",
                code="invoice_payment_intent_requires_action"
                if intent["status"] == "requires_action"
                else None,
            )
        raise card_error(error)
    return invoice


@routes.on("POST", "/invoices/{}/void")
def void_now(world: World, params: Params, name: str) -> Json:
    from sandbox.stripe.lifecycle import voided  # as above

    invoice = world.get("invoice", name)
    void(world, invoice)
    voided(world, invoice)
    return invoice


@routes.on("POST", "/invoices/{}/mark_uncollectible")
def give_up(world: World, params: Params, name: str) -> Json:
    invoice = world.get("invoice", name)
    if invoice["status"] != "open":
        raise invalid("You can only mark open invoices as uncollectible.")
    with world.changing(invoice, "invoice.marked_uncollectible"):
        invoice.update(status="uncollectible", next_payment_attempt=None, auto_advance=False)
        invoice["status_transitions"]["marked_uncollectible_at"] = world.now()
    return invoice


@routes.on("DELETE", "/invoices/{}")
def delete(world: World, params: Params, name: str) -> Json:
    invoice = world.get("invoice", name)
    if invoice["status"] != "draft" or invoice["_subscription"]:
        raise invalid("You can only delete draft invoices that are not a subscription's.")
    world.emit("invoice.deleted", invoice)
    del world.objects["invoice"][name]
    return {"id": name, "object": "invoice", "deleted": True}


@routes.on("GET", "/invoice_payments")
def invoice_payments(world: World, params: Params) -> Json:
    invoice, status = params.text("invoice"), params.text("status")
    found = [
        each
        for each in world.all("invoice_payment")
        if invoice in {None, each["invoice"]} and status in {None, each["status"]}
    ]
    return page(world, params, found, "/invoice_payments")


# -------------------------------------------------------------------------------- invoice items
def make_item(
    world: World,
    *,
    customer: str,
    currency: str,
    amount: int,
    description: str,
    price: Json | None,
    quantity: int,
    period: tuple[int, int],
    subscription_item: Json | None = None,
    proration: bool = False,
    metadata: Json | None = None,
) -> Json:
    """An amount that waits for the next invoice."""
    item = world.add(
        {
            "id": world.new_id("ii"),
            "object": "invoiceitem",
            "amount": amount,
            "currency": currency,
            "customer": customer,
            "date": world.now(),
            "description": description,
            "discountable": not proration,
            "discounts": [],
            "invoice": None,
            "livemode": False,
            "metadata": metadata or {},
            "net_amount": amount,
            "parent": subscription_item
            and {
                "type": "subscription_details",
                "subscription_details": {
                    "subscription": subscription_item["subscription"],
                    "subscription_item": subscription_item["id"],
                },
            },
            "period": {"start": period[0], "end": period[1]},
            "pricing": price
            and {
                "type": "price_details",
                "price_details": {"price": price["id"], "product": price["product"]},
                "unit_amount_decimal": price["unit_amount_decimal"],
            },
            "proration": proration,
            "proration_details": {"discount_amounts": []},
            "quantity": quantity,
            "quantity_decimal": str(quantity),
            "tax_rates": [],
            "test_clock": None,
            "_subscription_item": subscription_item,
            "_price": price and price["id"],
        }
    )
    world.emit("invoiceitem.created", item)
    return item


def line_of(world: World, item: Json) -> Json:
    """The item as a line of an invoice."""
    return make_line(
        world,
        price=world.find("price", item["_price"]),
        quantity=item["quantity"],
        amount=item["amount"],
        currency=item["currency"],
        period=(item["period"]["start"], item["period"]["end"]),
        description=item["description"],
        subscription_item=item["_subscription_item"],
        invoice_item=item["id"],
        proration=item["proration"],
        metadata=item["metadata"],
    )


def pending(world: World, customer: str, subscription: str | None, currency: str) -> list[Json]:
    """The items that the next invoice takes: the subscription's, and the customer's own."""
    return [
        item
        for item in world.all("invoiceitem")
        if item["invoice"] is None
        and item["customer"] == customer
        and item["currency"] == currency
        and (
            item["_subscription_item"] is None
            or item["_subscription_item"]["subscription"] == subscription
        )
    ]


routes.retrieve("/invoiceitems", "invoiceitem")


@routes.on("POST", "/invoiceitems")
def create_item(world: World, params: Params) -> Json:
    customer = live_customer(world, params.required("customer"))
    pricing = params.inside("pricing")
    price_name = pricing.text("price")
    price = world.get("price", price_name, "pricing[price]") if price_name else None
    quantity = params.integer("quantity", least=0)
    quantity = 1 if quantity is None else quantity
    amount = params.integer("amount")
    if (price is None) == (amount is None):
        raise invalid("Exactly one of amount and pricing[price] is needed.", "amount")
    invoice_name = params.text("invoice")
    item = make_item(
        world,
        customer=customer["id"],
        currency=price["currency"] if price else (params.text("currency") or "usd"),
        amount=price_amount(price, quantity) if price else amount or 0,
        description=params.text("description") or "",
        price=price,
        quantity=quantity,
        period=(world.now(), world.now()),
        metadata=merge_metadata(None, params),
    )
    if invoice_name:
        invoice = world.get("invoice", invoice_name, "invoice")
        if invoice["status"] != "draft":
            raise invalid("The invoice is not a draft.", "invoice", "invoice_not_editable")
        item["invoice"] = invoice_name
        with world.changing(invoice):
            add_lines(world, invoice, [line_of(world, item)])
    return item


@routes.on("GET", "/invoiceitems")
def items(world: World, params: Params) -> Json:
    customer, invoice = params.text("customer"), params.text("invoice")
    waiting = params.boolean("pending")
    found = [
        each
        for each in world.all("invoiceitem")
        if customer in {None, each["customer"]}
        and invoice in {None, each["invoice"]}
        and not (waiting and each["invoice"])
    ]
    return page(world, params, found, "/invoiceitems")
