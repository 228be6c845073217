"""Billing meters and the events that they count."""

from sandbox.stripe.errors import invalid
from sandbox.stripe.forms import Json, Params
from sandbox.stripe.routes import Routes, page
from sandbox.stripe.world import World, completes

routes = Routes()
EVENTS = "billing.meter_event"


@routes.on("POST", "/billing/meters")
def create(world: World, params: Params) -> Json:
    event_name = params.required("event_name")
    if any(
        each["event_name"] == event_name and each["status"] == "active"
        for each in world.all("billing.meter")
    ):
        raise invalid(f"There is an active meter with event_name {event_name}.", "event_name")
    formula = params.inside("default_aggregation").choice(
        "formula", ("sum", "count", "last"), "sum"
    )
    mapping = params.inside("customer_mapping")
    mapping.choice("type", ("by_id",), "by_id")
    values = params.inside("value_settings")
    meter = world.add(
        {
            "id": world.new_id("mtr"),
            "object": "billing.meter",
            "created": world.now(),
            "customer_mapping": {
                "event_payload_key": mapping.text("event_payload_key") or "stripe_customer_id",
                "type": "by_id",
            },
            "default_aggregation": {"formula": formula},
            "display_name": params.required("display_name"),
            "event_name": event_name,
            "event_time_window": params.text("event_time_window"),
            "livemode": False,
            "status": "active",
            "status_transitions": {"deactivated_at": None},
            "updated": world.now(),
            "value_settings": {"event_payload_key": values.text("event_payload_key") or "value"},
        }
    )
    world.emit("billing.meter.created", meter)
    return meter


routes.retrieve("/billing/meters", "billing.meter")


@routes.on("POST", "/billing/meters/{}")
def update(world: World, params: Params, name: str) -> Json:
    meter = world.get("billing.meter", name)
    with world.changing(meter):
        meter["display_name"] = params.text("display_name") or meter["display_name"]
    return meter


@routes.on("POST", "/billing/meters/{}/deactivate")
def deactivate(world: World, params: Params, name: str) -> Json:
    return _switch(world, name, "inactive", world.now(), "billing.meter.deactivated")


@routes.on("POST", "/billing/meters/{}/reactivate")
def reactivate(world: World, params: Params, name: str) -> Json:
    return _switch(world, name, "active", None, "billing.meter.reactivated")


def _switch(world: World, name: str, status: str, at: int | None, event: str) -> Json:
    meter = world.get("billing.meter", name)
    with world.changing(meter, event):
        meter["status"] = status
        meter["status_transitions"] = {"deactivated_at": at}
    return meter


@routes.on("GET", "/billing/meters")
def everything(world: World, params: Params) -> Json:
    status = params.text("status")
    found = [each for each in world.all("billing.meter") if status in {None, each["status"]}]
    return page(world, params, found, "/billing/meters")


@routes.on("POST", "/billing/meter_events")
def count(world: World, params: Params) -> Json:
    event_name = params.required("event_name")
    payload = params.mapping("payload")
    identifier = params.text("identifier") or world.new_id("event")
    timestamp = params.integer("timestamp")
    if timestamp is not None:
        # The client's clock was not set ahead with ours.
        timestamp += world.clock.ahead
    meter = next(
        (
            each
            for each in world.all("billing.meter")
            if each["event_name"] == event_name and each["status"] == "active"
        ),
        None,
    )
    if meter is None:
        raise invalid(f"No active meter with the event name {event_name} exists.", "event_name")
    customer = payload.get(meter["customer_mapping"]["event_payload_key"], "")
    world.get("customer", customer, "payload[stripe_customer_id]")
    value = payload.get(meter["value_settings"]["event_payload_key"], "1")
    if not value.lstrip("-").isdecimal():
        raise invalid(f"The value must be a whole number, not {value!r}.", "payload[value]")
    if timestamp is not None and not world.now() - 35 * 86_400 <= timestamp <= world.now() + 300:
        raise invalid(
            "The timestamp must be within the past 35 days and 5 minutes ahead.",
            "timestamp",
            "timestamp_too_far_in_past" if timestamp < world.now() else "timestamp_in_future",
        )
    if world.find(EVENTS, identifier):  # Stripe remembers them for a day at least
        raise invalid(f"An event already exists with identifier {identifier}.", "identifier")
    return world.add(
        {
            "id": identifier,
            "object": EVENTS,
            "created": world.now(),
            "event_name": event_name,
            "identifier": identifier,
            "livemode": False,
            "payload": payload,
            "timestamp": timestamp or world.now(),
            "_customer": customer,
            "_value": int(value),
        }
    )


@completes(EVENTS)
def complete(world: World, event: Json) -> Json:
    """A meter event has its identifier and no other name."""
    return {key: value for key, value in event.items() if key != "id"}


def usage(world: World, meter: Json, customer: str, start: int, end: int) -> int:
    """What the meter counted for a customer from `start` until before `end`."""
    values = [
        each["_value"]
        for each in world.all(EVENTS)
        if each["event_name"] == meter["event_name"]
        and each["_customer"] == customer
        and start <= each["timestamp"] < end
    ]
    formula = meter["default_aggregation"]["formula"]
    if formula == "count":
        return len(values)
    return sum(values) if formula == "sum" else (values or [0])[-1]


@routes.on("GET", "/billing/meters/{}/event_summaries")
def summaries(world: World, params: Params, name: str) -> Json:
    meter = world.get("billing.meter", name)
    customer = params.required("customer")
    start, end = params.integer("start_time"), params.integer("end_time")
    if start is None or end is None:
        raise invalid("start_time and end_time are needed.", "start_time", "parameter_missing")
    total = usage(world, meter, customer, start, end)
    summary = {
        "id": f"mtrusg_{name[4:]}_{start}",
        "object": "billing.meter_event_summary",
        "aggregated_value": total,
        "end_time": end,
        "livemode": False,
        "meter": name,
        "start_time": start,
    }
    found = [summary] if total else []
    return page(world, params, found, f"/billing/meters/{name}/event_summaries")
