"""What Stripe hosts for people: the pages of checkout, of the customer portal and of invoices."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.filled import form_of
from sandbox.offer import render_with
from sandbox.stripe import checkout, invoices, lifecycle, subscription_items, subscriptions
from sandbox.stripe.amounts import price_amount, shown
from sandbox.stripe.coupons import code_named
from sandbox.stripe.customers import set_default
from sandbox.stripe.errors import StripeError
from sandbox.stripe.forms import Json, Params
from sandbox.stripe.payment_methods import CARDS, attach, card_of, make
from sandbox.stripe.server import Stripe
from sandbox.stripe.world import World

STRIPE = web.AppKey("stripe", Stripe)
routes = web.RouteTableDef()
Form = Mapping[str, str]


def render(
    request: web.Request, template: str, leads_to: tuple[str | None, ...] = (), **context: object
) -> web.Response:
    """A page; `leads_to` are addresses to which its forms may lead."""
    html = request.app[render_with].get_template(f"stripe/{template}.html")
    # Browsers apply form-action to where a form's answer leads, too.
    others = {origin for address in leads_to if (origin := origin_of(address))}
    targets = " ".join(["'self'", *sorted(others)])
    policy = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {targets}"
    )
    return web.Response(
        text=html.render(shown=shown, day=day, cards=CARDS, **context),
        content_type="text/html",
        # Without a referrer a form would be posted from the origin "null".
        headers={"Content-Security-Policy": policy, "Referrer-Policy": "same-origin"},
    )


def day(seconds: int) -> str:
    """A day for people, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def origin_of(address: str | None) -> str:
    """Where an address is; empty if that is not on the web."""
    parts = urlsplit(address or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else ""


def found(request: web.Request, kind: str) -> Json:
    """The object that the address names."""
    stored = request.app[STRIPE].world.find(kind, request.match_info["id"])
    if stored is None:
        raise web.HTTPNotFound(text="There is nothing here.")
    return stored


# ------------------------------------------------------------------------------------- checkout
@routes.get("/stripe/checkout/{id}")
async def checkout_page(request: web.Request) -> web.Response:
    """What is bought, and how to pay."""
    return show_checkout(request, found(request, "checkout.session"))


def show_checkout(request: web.Request, session: Json, problem: str = "") -> web.Response:
    """The page of a session."""
    world = request.app[STRIPE].world
    customer = world.find("customer", session["customer"])
    lines = [
        {**line, "each": per(world, line["_price"]), "is_metered": line["quantity"] is None}
        for line in session["_lines"]
    ]
    return render(
        request,
        "checkout",
        (session["success_url"], session["cancel_url"]),
        session=session,
        lines=lines,
        email=(customer or {}).get("email") or session["customer_email"] or "",
        trial_days=session["_subscription"].get("trial_days"),
        problem=problem,
    )


def per(world: World, price: Json) -> str:
    """How often a price recurs."""
    return f"per {price['recurring']['interval']}" if price["recurring"] else "once"


@routes.post("/stripe/checkout/{id}")
async def checkout_answer(request: web.Request) -> web.Response:
    """The person pays, gives a promotion code, passes or fails a challenge, or goes back."""
    session = found(request, "checkout.session")
    form = await form_of(request)
    world = request.app[STRIPE].world
    if form.get("answer") == "back":
        raise web.HTTPSeeOther(session["cancel_url"] or session["success_url"])
    if session["status"] != "open":
        return show_checkout(request, session)
    if form.get("answer") == "code":
        return show_checkout(request, session, use_code(world, session, form.get("code", "")))
    if form.get("answer") == "fail":
        return show_checkout(request, session, "Your bank could not confirm that it is you.")
    try:
        paid = checkout.pay(
            world,
            session,
            number=form.get("number", ""),
            email=form.get("email", ""),
            name=form.get("name", ""),
            passed=form.get("answer") == "pass",
        )
    except StripeError as error:
        return show_checkout(request, session, str(error))
    if paid.outcome == "requires_action":
        return render(
            request,
            "challenge",
            (session["success_url"],),
            form={name: form.get(name, "") for name in ("number", "email", "name")},
            amount=session["amount_total"],
            currency=session["currency"],
        )
    if paid.problem:
        return show_checkout(request, session, paid.problem)
    raise web.HTTPSeeOther(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))


def use_code(world: World, session: Json, code: str) -> str:
    """Apply a promotion code; answers the problem, if there is one."""
    found_code = code_named(world, code)
    if found_code is None or not session["allow_promotion_codes"]:
        return "This code is invalid."
    coupon = found_code["promotion"]["coupon"]
    session["_coupons"] = [{"coupon": coupon, "code": found_code["id"]}]
    session["discounts"] = [{"coupon": None, "promotion_code": found_code["id"]}]
    checkout.add_up(world, session)
    return ""


# --------------------------------------------------------------------------------------- portal
@routes.get("/stripe/portal/{id}")
async def portal_page(request: web.Request) -> web.Response:
    """The customer's subscriptions, payment methods and invoices."""
    return show_portal(request, found(request, "billing_portal.session"))


def show_portal(request: web.Request, session: Json, problem: str = "") -> web.Response:
    """The page of a session."""
    world = request.app[STRIPE].world
    customer = world.get("customer", session["customer"])
    configuration = world.get("billing_portal.configuration", session["configuration"])
    mine = [
        each for each in reversed(world.all("subscription")) if each["customer"] == customer["id"]
    ]
    return render(
        request,
        "portal",
        (session["return_url"],),
        session=session,
        customer=customer,
        features=configuration["features"],
        subscriptions=[subscription_shown(world, each) for each in mine],
        choices=choices(world, configuration["features"]["subscription_update"]),
        methods=[
            each for each in world.all("payment_method") if each["customer"] == customer["id"]
        ],
        invoices=[
            each
            for each in reversed(world.all("invoice"))
            if each["customer"] == customer["id"] and each["status"] != "draft"
        ],
        problem=problem,
    )


def subscription_shown(world: World, subscription: Json) -> Json:
    """What the page says of a subscription."""
    items = lifecycle.now_items(world, subscription)
    return {
        **subscription,
        "is_over": subscription["ended_at"] is not None,
        "period_end": subscription["_period"][1],
        "lines": [
            {
                "name": lifecycle.product_name(world, each.price),
                "quantity": each.quantity,
                "amount": each.amount,
                "per": per(world, each.price),
                "price": each.price["id"],
            }
            for each in items
        ],
        "can_change": len(items) == 1 and items[0].quantity is not None,
    }


def choices(world: World, feature: Json) -> list[Json]:
    """The prices that people may change to."""
    return [
        {
            "id": price["id"],
            "name": world.get("product", product["product"])["name"],
            "amount": price_amount(price, 1),
            "currency": price["currency"],
            "per": per(world, price),
        }
        for product in feature["products"] or []
        for price in (world.get("price", name) for name in product["prices"])
        if price["active"]
    ]


@routes.post("/stripe/portal/{id}")
async def portal_answer(request: web.Request) -> web.Response:
    """The person changes something."""
    session = found(request, "billing_portal.session")
    form = await form_of(request)
    world = request.app[STRIPE].world
    answer = ANSWERS.get(form.get("answer", ""))
    if answer is None:
        raise web.HTTPBadRequest(text="There is no such button.")
    try:
        answer(world, session, form)
    except StripeError as error:
        return show_portal(request, session, str(error))
    raise web.HTTPSeeOther(request.path)


def own_subscription(world: World, session: Json, form: Form) -> Json:
    """A subscription of the customer who looks at the page."""
    subscription = world.get("subscription", form.get("subscription", ""))
    if subscription["customer"] != session["customer"]:
        raise web.HTTPForbidden(text="This is somebody else's subscription.")
    return subscription


def feature_of(world: World, session: Json, name: str) -> Json:
    """A feature, which must be switched on."""
    features = world.get("billing_portal.configuration", session["configuration"])["features"]
    if not features[name]["enabled"]:
        raise web.HTTPForbidden(text="This is not allowed here.")
    feature: Json = features[name]
    return feature


def change_plan(world: World, session: Json, form: Form) -> None:
    """Another price, another quantity."""
    subscription = own_subscription(world, session, form)
    feature = feature_of(world, session, "subscription_update")
    (item,) = subscription_items.of(world, subscription)
    wanted = {"id": item["id"]}
    allowed = feature["default_allowed_updates"]
    if "price" in allowed and form.get("price"):
        if form["price"] not in {each["id"] for each in choices(world, feature)}:
            raise web.HTTPForbidden(text="This price is not offered.")
        wanted["price"] = form["price"]
    quantity = form.get("quantity") if "quantity" in allowed else str(item["_quantity"])
    wanted["quantity"] = quantity or "1"
    subscriptions.update(
        world,
        Params({"items": [wanted], "proration_behavior": feature["proration_behavior"]}),
        subscription["id"],
    )


def cancel(world: World, session: Json, form: Form) -> None:
    """Cancel, at once or at the period's end as the configuration says."""
    subscription = own_subscription(world, session, form)
    feature = feature_of(world, session, "subscription_cancel")
    if feature["mode"] == "immediately":
        subscriptions.cancel(world, Params({}), subscription["id"])
    else:
        subscriptions.update(world, Params({"cancel_at_period_end": "true"}), subscription["id"])


def resume(world: World, session: Json, form: Form) -> None:
    """Take a cancellation back."""
    subscription = own_subscription(world, session, form)
    feature_of(world, session, "subscription_cancel")
    subscriptions.update(world, Params({"cancel_at_period_end": "false"}), subscription["id"])


def add_card(world: World, session: Json, form: Form) -> None:
    """A new card, from which invoices are collected from now on; open ones at once."""
    feature_of(world, session, "payment_method_update")
    customer = world.get("customer", session["customer"])
    method = make(world, card_of(form.get("number", "")), email=customer["email"])
    attach(world, method, customer)
    method["_authenticated"] = True
    with world.changing(customer):
        set_default(world, customer, method["id"])
    for subscription in world.all("subscription"):
        if subscription["customer"] == customer["id"] and subscription["default_payment_method"]:
            with world.changing(subscription):
                subscription["default_payment_method"] = method["id"]


ANSWERS: dict[str, Callable[[World, Json, Form], None]] = {
    "change": change_plan,
    "cancel": cancel,
    "resume": resume,
    "card": add_card,
}


# ------------------------------------------------------------------------------------- invoices
@routes.get("/stripe/invoice/{id}")
async def invoice_page(request: web.Request) -> web.Response:
    """An invoice, to be paid if it is open."""
    return show_invoice(request, found(request, "invoice"))


def show_invoice(request: web.Request, invoice: Json, problem: str = "") -> web.Response:
    """The page of an invoice."""
    return render(request, "invoice", invoice=invoice, problem=problem)


@routes.get("/stripe/invoice/{id}/pdf")
async def invoice_pdf(request: web.Request) -> web.Response:
    """The same; a sandbox writes no PDF."""
    raise web.HTTPSeeOther(f"/dev/stripe/invoice/{request.match_info['id']}")


@routes.post("/stripe/invoice/{id}")
async def invoice_answer(request: web.Request) -> web.Response:
    """The person pays with a card, or passes or fails a challenge."""
    invoice = found(request, "invoice")
    form = await form_of(request)
    world = request.app[STRIPE].world
    if invoice["status"] not in {"open", "uncollectible"}:
        return show_invoice(request, invoice)
    if form.get("answer") == "fail":
        return show_invoice(request, invoice, "Your bank could not confirm that it is you.")
    passed = form.get("answer") == "pass"
    try:
        card = card_of(form.get("number", ""))
    except StripeError as error:
        return show_invoice(request, invoice, str(error))
    if card.behaviour in {"authentication_required", "authenticates_once"} and not passed:
        return render(
            request,
            "challenge",
            form={"number": card.number},
            amount=invoice["amount_remaining"],
            currency=invoice["currency"],
        )
    method = make(world, card)
    outcome = invoices.collect(world, invoice, method, present=True, passed=passed)
    lifecycle.settle(world, invoice, outcome, automatic=False)
    if outcome != "paid":
        return show_invoice(request, invoice, "Your card was declined.")
    raise web.HTTPSeeOther(request.path)
