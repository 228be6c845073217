"""Checkout sessions. The page on which a person pays is in `hosted.py`."""

from dataclasses import dataclass
from fractions import Fraction

from sandbox.stripe import coupons, customers, invoices, payments, subscription_items, subscriptions
from sandbox.stripe.amounts import price_amount, rounded
from sandbox.stripe.clock import DAY, HOUR
from sandbox.stripe.errors import invalid, missing_param
from sandbox.stripe.forms import Json, Params, merge_metadata
from sandbox.stripe.payment_methods import attach, card_of, decline, make
from sandbox.stripe.prices import currency_of, recurring_of
from sandbox.stripe.routes import Routes, page, short_list
from sandbox.stripe.subscription_items import Wanted, is_metered
from sandbox.stripe.world import ON_REQUEST, World, completes

routes = Routes()
MODES = ("payment", "setup", "subscription")


@dataclass(frozen=True)
class Paid:
    """How a person's attempt to pay ended: `problem` says why it did not work."""

    outcome: payments.Outcome
    problem: str = ""


@routes.on("POST", "/checkout/sessions")
def create(world: World, params: Params) -> Json:
    mode = params.choice("mode", MODES, "payment")
    params.choice("ui_mode", ("hosted_page",), "hosted_page")
    success_url = params.required("success_url")
    customer_name, email = params.text("customer"), params.text("customer_email")
    if customer_name and email:
        raise invalid("You may only specify one of these parameters: customer, customer_email.")
    customer = customers.live_customer(world, customer_name) if customer_name else None
    lines = [line_of(world, each, mode) for each in params.each("line_items")]
    if mode != "setup" and not lines:
        raise missing_param("line_items")
    if mode == "subscription":
        recurring = [
            Wanted(None, line["_price"], line["_quantity"], {})
            for line in lines
            if line["_price"]["recurring"]
        ]
        subscription_items.check_together(recurring)
    discounts = coupons.wanted(world, params)
    allow_codes = params.boolean("allow_promotion_codes")
    if discounts and allow_codes:
        raise invalid("You may only specify one of: allow_promotion_codes, discounts.")
    expires_at = params.integer("expires_at") or world.now() + DAY
    if not world.now() + HOUR / 2 <= expires_at <= world.now() + DAY:
        raise invalid("expires_at must be 30 minutes to 24 hours from now.", "expires_at")
    tax = params.inside("automatic_tax").boolean("enabled")
    # The prefix tells test mode, as everywhere.
    name = world.new_id("cs_test", 58)
    session: Json = {
        "id": name,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": allow_codes or None,
        "amount_subtotal": None,
        "amount_total": None,
        "automatic_tax": {
            "enabled": tax,
            "liability": {"type": "self"} if tax else None,
            "provider": "stripe" if tax else None,
            "status": "complete" if tax else None,
        },
        "billing_address_collection": params.text("billing_address_collection"),
        "cancel_url": params.text("cancel_url"),
        "client_reference_id": params.text("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": world.now(),
        "currency": lines[0]["currency"] if lines else params.text("currency"),
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": customer and customer["id"],
        "customer_creation": None if customer else "always",
        "customer_details": None,
        "customer_email": email,
        "discounts": [
            {"coupon": None if code else coupon["id"], "promotion_code": code and code["id"]}
            for coupon, code in discounts
        ],
        "expires_at": expires_at,
        "invoice": None,
        "invoice_creation": invoice_creation(params) if mode == "payment" else None,
        "livemode": False,
        "locale": params.text("locale"),
        "metadata": merge_metadata(None, params),
        "mode": mode,
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": params.choice(
            "payment_method_collection", ("always", "if_required"), "always"
        )
        if mode == "subscription"
        else None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid" if mode != "setup" else "no_payment_required",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": params.text("submit_type"),
        "subscription": None,
        "success_url": success_url,
        "total_details": None,
        "ui_mode": "hosted_page",
        "wallet_options": None,
        "_lines": lines,
        "_coupons": [
            {"coupon": coupon["id"], "code": code and code["id"]} for coupon, code in discounts
        ],
        "_subscription": subscription_data(world, params) if mode == "subscription" else {},
        "_intent_metadata": merge_metadata(None, params.inside("payment_intent_data")),
    }
    params.accept("customer_update", "tax_id_collection", "payment_method_types", "currency")
    params.inside("payment_intent_data").accept("setup_future_usage", "description")
    add_up(world, session)
    return world.add(session)


def invoice_creation(params: Params) -> Json:
    """Whether a payment makes an invoice."""
    return {
        "enabled": params.inside("invoice_creation").boolean("enabled"),
        "invoice_data": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": None,
            "metadata": {},
            "rendering_options": None,
        },
    }


def subscription_data(world: World, params: Params) -> Json:
    """What the subscription will be made with."""
    data = params.inside("subscription_data")
    days, end = data.integer("trial_period_days", least=1), data.integer("trial_end")
    data.inside("billing_mode").choice("type", ("flexible",), "flexible")
    return {
        "metadata": merge_metadata(None, data),
        "description": data.text("description"),
        "trial_days": days,
        "trial_end": end,
        "trial_settings": subscriptions.trial_settings(data),
    }


def line_of(world: World, params: Params, mode: str) -> Json:
    """One line; its price must fit the mode."""
    if params.has("price_data"):
        price = inline_price(world, params.inside("price_data"))
    else:
        price = world.get("price", params.required("price"), params.name("price"))
    if not price["active"]:
        raise invalid(
            "The price specified is inactive. This field only accepts active prices.",
            params.name("price"),
        )
    if price["recurring"] and mode == "payment":
        raise invalid(
            "You specified `payment` mode but passed a recurring price. Either switch to "
            "`subscription` mode or use only one-time prices.",
            params.name("price"),
        )
    quantity = params.integer("quantity", least=1)
    if price["recurring"] and is_metered(price):
        if quantity is not None:
            raise invalid("A metered price has no quantity.", params.name("quantity"))
    elif quantity is None:
        raise missing_param(params.name("quantity"))
    params.accept("adjustable_quantity", "tax_rates")
    amount = 0 if quantity is None else price_amount(price, quantity)
    product = world.get("product", price["product"])
    return {
        "id": world.new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": product["name"],
        "quantity": quantity,
        "_price": price,
        "_quantity": quantity,
    }


def inline_price(world: World, params: Params) -> Json:
    """A price that is made for this session only."""
    from sandbox.stripe import prices  # only here are prices made by the way

    currency = currency_of(params)
    recurring = recurring_of(world, params)
    data = params.inside("product_data") if params.has("product_data") else None
    form: Json = {"currency": currency, "unit_amount": params.required("unit_amount")}
    if recurring:
        form["recurring"] = {
            "interval": recurring["interval"],
            "interval_count": str(recurring["interval_count"]),
        }
    if data:
        form["product_data"] = {"name": data.required("name")}
        data.accept("description", "metadata")
    else:
        form["product"] = params.required("product")
    params.accept("tax_behavior")
    price = prices.create(world, Params(form))
    price["lookup_key"] = None
    return price


@completes("item")
def complete_line(world: World, line: Json) -> Json:
    """With its price."""
    return {**line, "price": world.answer(world.get("price", line["_price"]["id"]))}


def add_up(world: World, session: Json) -> None:
    """What is to be paid now; a trial costs nothing now."""
    data = session["_subscription"]
    has_trial = bool(data.get("trial_days") or data.get("trial_end"))
    lines = session["_lines"]
    subtotal = sum(
        0 if has_trial and line["_price"]["recurring"] else line["amount_subtotal"]
        for line in lines
    )
    off, left = 0, subtotal
    for each in session["_coupons"]:
        coupon = world.get("coupon", each["coupon"])
        part = discount_of(coupon, left, session["currency"])
        off, left = off + part, left - part
    session.update(
        amount_subtotal=subtotal if lines else None,
        amount_total=left if lines else None,
        total_details={"amount_discount": off, "amount_shipping": 0, "amount_tax": 0}
        if lines
        else None,
    )


def discount_of(coupon: Json, amount: int, currency: str) -> int:
    """What a coupon takes off."""
    if coupon["percent_off"] is not None:
        return rounded(Fraction(str(coupon["percent_off"])) * amount / 100)
    return min(amount, coupon["amount_off"]) if coupon["currency"] == currency else 0


@completes("checkout.session")
def complete(world: World, session: Json) -> Json:
    """An open session has an address."""
    url = f"{world.pages_url}/checkout/{session['id']}" if session["status"] == "open" else None
    return {**session, "url": url}


def _line_items(world: World, session: Json) -> Json:
    url = f"/checkout/sessions/{session['id']}/line_items"
    return short_list(url, [world.answer(line) for line in session["_lines"]])


ON_REQUEST["checkout.session", "line_items"] = _line_items
routes.retrieve("/checkout/sessions", "checkout.session")


@routes.on("GET", "/checkout/sessions")
def everything(world: World, params: Params) -> Json:
    wanted = {name: params.text(name) for name in ("customer", "subscription", "payment_intent")}
    status = params.text("status")
    found = [
        each
        for each in world.all("checkout.session")
        if status in {None, each["status"]}
        and all(value in {None, each[name]} for name, value in wanted.items())
    ]
    return page(world, params, found, "/checkout/sessions")


@routes.on("GET", "/checkout/sessions/{}/line_items")
def line_items(world: World, params: Params, name: str) -> Json:
    lines = world.get("checkout.session", name)["_lines"]
    return page(world, params, reversed(lines), f"/checkout/sessions/{name}/line_items")


@routes.on("POST", "/checkout/sessions/{}/expire")
def expire_now(world: World, params: Params, name: str) -> Json:
    session = world.get("checkout.session", name)
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}."
        )
    expire(world, session)
    return session


def expire(world: World, session: Json) -> None:
    """Nobody paid in time."""
    session["status"] = "expired"
    world.emit("checkout.session.expired", session)


def pay(
    world: World, session: Json, *, number: str, email: str, name: str, passed: bool = False
) -> Paid:
    """What happens when a person presses the button on the page.

    `passed`: they have passed the challenge of their bank.
    """
    card = card_of(number)
    if card.refuses_at_once:
        return Paid("refused", decline(card.behaviour)["message"])
    if card.behaviour in {"authentication_required", "authenticates_once"} and not passed:
        return Paid("requires_action")
    customer = customer_of(world, session, email, name)
    if world.refusals.get(customer["id"]) or world.refusals.get(""):
        waiting = world.refusals.get(customer["id"]) or world.refusals[""]
        return Paid("refused", decline(waiting.pop(0))["message"])
    method = make(world, card, email=email, name=name)
    attach(world, method, customer)
    # Also where nothing is paid yet, as in a trial: the card is set up for later.
    method["_authenticated"] = passed
    session["customer_details"] = {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name or None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    if session["mode"] == "subscription":
        subscribe(world, session, customer, method, passed=passed)
    elif session["mode"] == "payment":
        pay_once(world, session, customer, method, passed=passed)
    else:
        session["setup_intent"] = payments.make_setup(
            world, customer=customer["id"], method=method
        )["id"]
    session["status"] = "complete"
    world.emit("checkout.session.completed", session)
    return Paid("paid")


def customer_of(world: World, session: Json, email: str, name: str) -> Json:
    """Who pays; somebody new unless the session says who."""
    if session["customer"]:
        return world.get("customer", session["customer"])
    form = {"email": email, **({"name": name} if name else {})}
    customer = customers.create(world, Params(form))
    session["customer"] = customer["id"]
    return customer


def redeemed(world: World, session: Json) -> list[tuple[Json, Json | None]]:
    """The session's coupons, each with the promotion code that it came by."""
    return [
        (world.get("coupon", each["coupon"]), world.find("promotion_code", each["code"]))
        for each in session["_coupons"]
    ]


def subscribe(world: World, session: Json, customer: Json, method: Json, *, passed: bool) -> None:
    """Make the subscription and collect its first invoice."""
    data = session["_subscription"]
    trial_end = data["trial_end"] or (
        world.now() + data["trial_days"] * DAY if data["trial_days"] else None
    )
    for line in session["_lines"]:
        if not line["_price"]["recurring"]:
            once_item(world, session, customer, line)
    subscription = subscriptions.make(
        world,
        customer,
        [
            Wanted(None, world.get("price", line["_price"]["id"]), line["_quantity"], {})
            for line in session["_lines"]
            if line["_price"]["recurring"]
        ],
        trial_end=trial_end,
        settings={
            "metadata": data["metadata"],
            "description": data["description"],
            "trial_settings": data["trial_settings"],
            "default_payment_method": method["id"],
            "automatic_tax": {
                "disabled_reason": None,
                "enabled": session["automatic_tax"]["enabled"],
                "liability": session["automatic_tax"]["liability"],
            },
        },
        discounts=redeemed(world, session),
        checkout_session=session["id"],
    )
    subscriptions.collect_first(world, subscription, method=method, present=True, passed=passed)
    session.update(
        subscription=subscription["id"],
        invoice=subscription["latest_invoice"],
        payment_status="paid" if session["amount_total"] else "no_payment_required",
    )


def pay_once(world: World, session: Json, customer: Json, method: Json, *, passed: bool) -> None:
    """Take the money for what is bought once, with an invoice if one was asked for."""
    if session["invoice_creation"]["enabled"]:
        invoice = once_invoice(world, session, customer)
        if invoice["status"] == "open":
            invoices.collect(world, invoice, method, present=True, passed=passed)
        session.update(invoice=invoice["id"], payment_intent=invoice["_intent"])
    elif session["amount_total"]:
        intent = payments.make_intent(
            world,
            amount=session["amount_total"],
            currency=session["currency"],
            customer=customer["id"],
            description=None,
        )
        intent["metadata"] = session["_intent_metadata"]
        session["payment_intent"] = intent["id"]
        payments.confirm(world, intent, method, present=True, passed=passed)
    session["payment_status"] = "paid" if session["amount_total"] else "no_payment_required"


def once_invoice(world: World, session: Json, customer: Json) -> Json:
    """The invoice of what is bought once."""
    now = world.now()
    items = [once_item(world, session, customer, line) for line in session["_lines"]]
    invoice = invoices.make_invoice(
        world,
        customer,
        currency=session["currency"],
        reason="manual",
        lines=[invoices.line_of(world, item) for item in items],
        period=(now, now),
        discounts=coupons.redeem(
            world,
            redeemed(world, session),
            customer=customer["id"],
            checkout_session=session["id"],
        ),
    )
    for item in items:
        item["invoice"] = invoice["id"]
    invoice["_uses_balance"] = False
    invoices.created(world, invoice)
    invoices.finalize(world, invoice)
    return invoice


def once_item(world: World, session: Json, customer: Json, line: Json) -> Json:
    """Something that is bought once, as an item of an invoice."""
    return invoices.make_item(
        world,
        customer=customer["id"],
        currency=session["currency"],
        amount=line["amount_subtotal"],
        description=line["description"],
        price=line["_price"],
        quantity=line["quantity"],
        period=(world.now(), world.now()),
    )
