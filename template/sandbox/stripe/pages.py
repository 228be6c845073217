"""The sandbox's own page, `/dev/stripe`: its state, its clock and every delivery; and its API."""

from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from core.billing.events import HANDLED
from sandbox.environment import variable
from sandbox.filled import form_of
from sandbox.offer import Offer
from sandbox.stripe import hosted
from sandbox.stripe.clock import DAY, HOUR, Clock
from sandbox.stripe.hosted import STRIPE, render
from sandbox.stripe.server import SECRET_KEY, WEBHOOK_SECRET, Stripe
from sandbox.stripe.webhooks import Delivery
from sandbox.stripe.world import World

PATH = "/dev/stripe"
WEBHOOK = "/webhooks/stripe"
FILE = "stripe.json"
SHOWN = 60  # deliveries and objects
STEPS = {
    "1 hour": HOUR,
    "1 day": DAY,
    "3 days": 3 * DAY,
    "1 week": 7 * DAY,
    "1 month": 31 * DAY,
    "1 year": 366 * DAY,
}
OVERVIEW = (
    "customer",
    "subscription",
    "invoice",
    "checkout.session",
    "payment_intent",
    "refund",
    "product",
    "price",
    "coupon",
    "promotion_code",
    "billing.meter",
    "billing.meter_event",
    "billing_portal.configuration",
    "webhook_endpoint",
    "event",
)

routes = web.RouteTableDef()


@routes.route("*", "/stripe/v1/{path:.*}")
async def api(request: web.Request) -> web.Response:
    """What programs ask for."""
    stripe = request.app[STRIPE]
    stripe.world.pages_url = f"{request.scheme}://{request.host}{PATH}"
    answer = stripe.api.answer(
        request.method,
        request.path.removeprefix(PATH),
        request.query_string,
        await request.text(),
        request.headers,
    )
    return web.json_response(answer.body, status=answer.status, headers=answer.headers)


@routes.get("/stripe")
@routes.get("/stripe/")
async def overview(request: web.Request) -> web.Response:
    """Everything at once."""
    stripe = request.app[STRIPE]
    world = stripe.world
    return render(
        request,
        "overview",
        now=moment(world.now()),
        ahead=world.clock.ahead,
        steps=list(STEPS),
        policy=world.policy,
        holds=stripe.deliveries.holds,
        deliveries=[row(world, each) for each in reversed(stripe.deliveries.all[-SHOWN:])],
        kinds=[
            (kind, [summary(world, each) for each in reversed(world.all(kind)[-SHOWN:])])
            for kind in OVERVIEW
            if world.all(kind)
        ],
    )


def moment(seconds: int) -> str:
    """A moment for people, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def row(world: World, delivery: Delivery) -> dict[str, object]:
    """What the page says of a delivery."""
    endpoint = world.find("webhook_endpoint", delivery.endpoint)
    return {
        "number": delivery.number,
        "type": delivery.event["type"],
        "event": delivery.event["id"],
        "about": delivery.event["data"]["object"].get("id", ""),
        "created": moment(delivery.event["created"]),
        "url": (endpoint or {}).get("url", "gone"),
        "status": delivery.status,
        "attempts": delivery.attempts,
        "is_open": delivery.is_open,
    }


def summary(world: World, stored: dict[str, object]) -> dict[str, object]:
    """What the page says of an object."""
    told = [
        str(stored[name])
        for name in ("name", "email", "status", "type", "lookup_key", "event_name", "url", "code")
        if stored.get(name)
    ]
    return {"id": stored["id"], "text": " · ".join(told)}


@routes.get("/stripe/object/{id}")
async def one_object(request: web.Request) -> web.Response:
    """One object as the API answers it."""
    world = request.app[STRIPE].world
    stored = world.anything(request.match_info["id"])
    if stored is None:
        raise web.HTTPNotFound(text="There is no such object.")
    about = [
        {"id": event["id"], "type": event["type"], "created": moment(event["created"])}
        for event in reversed(world.all("event"))
        if event["data"]["object"].get("id") == stored["id"]
    ]
    return render(request, "object", id=stored["id"], answer=world.answer(stored), events=about)


@routes.post("/stripe/clock")
async def move_clock(request: web.Request) -> web.Response:
    """Move the clock."""
    form = await form_of(request)
    if (step := STEPS.get(form.get("step", ""))) is None:
        raise web.HTTPBadRequest(text="There is no such step.")
    request.app[STRIPE].advance(seconds=step)
    raise web.HTTPSeeOther(PATH)


@routes.post("/stripe/refuse")
async def refuse_next(request: web.Request) -> web.Response:
    """Have the next payment refused, whoever pays."""
    request.app[STRIPE].world.refusals.setdefault("", []).append("card_declined")
    raise web.HTTPSeeOther(PATH)


@routes.post("/stripe/deliveries")
async def change_deliveries(request: web.Request) -> web.Response:
    """Hold, release, reorder, repeat, delay or drop deliveries."""
    form = await form_of(request)
    deliveries = request.app[STRIPE].deliveries
    number = form.get("number", "")
    chosen = next((each for each in deliveries.all if str(each.number) == number), None)
    match form.get("answer"), chosen:
        case "hold", None:
            deliveries.hold()
        case "release", None:
            deliveries.release()
        case "reverse", None:
            deliveries.reverse()
        case "shuffle", None:
            deliveries.shuffle(len(deliveries.all))
        case "send", Delivery() as delivery:
            deliveries.release(delivery)
        case "delay", Delivery() as delivery:
            deliveries.release(delivery, after=30.0)
        case "drop", Delivery() as delivery:
            deliveries.drop(delivery)
        case "repeat", Delivery() as delivery:
            deliveries.repeat(delivery)
        case _:
            raise web.HTTPBadRequest(text="There is no such button.")
    raise web.HTTPSeeOther(f"{PATH}#deliveries")


@routes.post("/stripe/reset")
async def reset(request: web.Request) -> web.Response:
    """Forget everything but where events go to; the clock is right again."""
    stripe = request.app[STRIPE]
    world = stripe.world
    world.objects = {"webhook_endpoint": world.objects.get("webhook_endpoint", {})}
    world.replays.clear()
    world.refusals.clear()
    world.clock.ahead = 0
    stripe.deliveries.all.clear()
    # The counters go on: a name never means two things.
    raise web.HTTPSeeOther(PATH)


def set_up(app: web.Application, origin: str, folder: Path) -> None:
    """Prepare the sandbox of development, whose state is kept between runs."""
    stripe = Stripe(World(Clock(), pages_url=origin + PATH), file=folder / FILE)
    stripe.listen_at(origin + WEBHOOK, tuple(HANDLED))
    app[STRIPE] = stripe
    app.cleanup_ctx.append(stripe.run)


def environment(origin: str) -> dict[str, str]:
    """The variables that lead the product here, unless it has a key of Stripe's."""
    if variable("STRIPE_SECRET_KEY"):
        return {}
    return {
        "STRIPE_SECRET_KEY": SECRET_KEY,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "STRIPE_API_BASE": origin + PATH,
    }


OFFER = Offer(
    title="Stripe",
    purpose="Checkout, customer portal, subscriptions and webhooks, with a clock you can move.",
    path=PATH,
    routes=(*hosted.routes, *routes),
    for_programs=frozenset({f"{PATH}/v1/"}),
    set_up=set_up,
    environment=environment,
)
