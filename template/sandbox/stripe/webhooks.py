"""Webhook endpoints, and the deliveries of events to them.

A delivery is signed as Stripe signs it: `t=` is the real time, not the sandbox's, because receivers
refuse old signatures. What is not answered with 2xx is tried again, later each time. Deliveries can
be held back, dropped, repeated, delayed and put in another order.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import aiohttp

from sandbox.stripe.errors import invalid
from sandbox.stripe.forms import Json, Params, merge_metadata
from sandbox.stripe.routes import Routes, page
from sandbox.stripe.world import World, completes

routes = Routes()
# Seconds until a failed delivery is tried again; Stripe does so for three days.
RETRIES = (2.0, 10.0, 60.0, 300.0, 3_600.0, 6 * 3_600.0, 12 * 3_600.0, 24 * 3_600.0)
PATIENCE = 20.0  # seconds until a receiver must have answered
KEPT = 2_000  # deliveries

Status = Literal["waiting", "held", "sending", "delivered", "failed", "dropped"]


def make_endpoint(world: World, url: str, events: Sequence[str] = ("*",), secret: str = "") -> Json:
    """A new endpoint; its secret is only answered once."""
    return world.add(
        {
            "id": world.new_id("we"),
            "object": "webhook_endpoint",
            "api_version": None,
            "application": None,
            "created": world.now(),
            "description": None,
            "enabled_events": list(events),
            "livemode": False,
            "metadata": {},
            "status": "enabled",
            "url": url,
            "_secret": secret or world.new_id("whsec", 32),
        }
    )


@routes.on("POST", "/webhook_endpoints")
def create(world: World, params: Params) -> Json:
    url = params.required("url")
    if not url.startswith(("https://", "http://")):
        raise invalid("Invalid URL: must begin with http:// or https://.", "url", "url_invalid")
    events = params.texts("enabled_events")
    if not events:
        raise invalid("Missing required param: enabled_events.", "enabled_events")
    endpoint = make_endpoint(world, url, events)
    endpoint["api_version"] = params.text("api_version")
    endpoint["description"] = params.text("description")
    endpoint["metadata"] = merge_metadata(None, params)
    return {**endpoint, "secret": endpoint["_secret"]}


routes.retrieve("/webhook_endpoints", "webhook_endpoint")


@routes.on("POST", "/webhook_endpoints/{}")
def update(world: World, params: Params, name: str) -> Json:
    endpoint = world.get("webhook_endpoint", name)
    if params.has("url"):
        endpoint["url"] = params.required("url")
    if params.has("enabled_events"):
        endpoint["enabled_events"] = params.texts("enabled_events")
    if params.has("description"):
        endpoint["description"] = params.text("description")
    if params.has("disabled"):
        endpoint["status"] = "disabled" if params.boolean("disabled") else "enabled"
    endpoint["metadata"] = merge_metadata(endpoint["metadata"], params)
    return endpoint


@routes.on("DELETE", "/webhook_endpoints/{}")
def delete(world: World, params: Params, name: str) -> Json:
    world.get("webhook_endpoint", name)
    del world.objects["webhook_endpoint"][name]
    return {"id": name, "object": "webhook_endpoint", "deleted": True}


@routes.on("GET", "/webhook_endpoints")
def everything(world: World, params: Params) -> Json:
    return page(world, params, world.all("webhook_endpoint"), "/webhook_endpoints")


routes.retrieve("/events", "event")


@routes.on("GET", "/events")
def events(world: World, params: Params) -> Json:
    kind, kinds = params.text("type"), params.texts("types")
    arrived = params.boolean("delivery_success") if params.has("delivery_success") else None
    found = [
        each
        for each in world.all("event")
        if matches(each["type"], [kind] if kind else kinds or ["*"])
        and arrived in {None, not each["pending_webhooks"]}
    ]
    return page(world, params, found, "/events")


def matches(kind: str, wanted: Sequence[str]) -> bool:
    """Whether an event of this type is asked for; `invoice.*` asks for all of invoices."""
    return any(
        each in {"*", kind} or (each.endswith(".*") and kind.startswith(each[:-1]))
        for each in wanted
    )


def signature(secret: str, body: bytes, timestamp: int) -> str:
    """The header `Stripe-Signature` (Stripe's documentation: "Verify webhook signatures")."""
    signed = f"{timestamp}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


@dataclass
class Delivery:
    """One event on its way to one endpoint."""

    number: int
    event: Json
    endpoint: str
    status: Status = "waiting"
    due: float = 0.0  # by time.monotonic()
    attempts: list[str] = field(default_factory=list)  # what came of each

    @property
    def is_open(self) -> bool:
        """Whether it may still arrive."""
        return self.status in {"waiting", "held", "sending"}


class Deliveries:
    """Makes the deliveries of what happens, one after the other, each when it is due."""

    def __init__(self, world: World, retries: Sequence[float] = RETRIES) -> None:
        self.world = world
        self.retries = retries
        self.all: list[Delivery] = []
        self.holds = False
        # Decides the fate of each new delivery; the chaos of tests sits here.
        self.fate: Callable[[Delivery], None] = lambda delivery: None
        self._count = 0
        self._wake = asyncio.Event()
        world.listeners.append(self.add)

    def add(self, event: Json) -> None:
        """An event happened: it goes to every endpoint that asked for it."""
        for endpoint in self.world.all("webhook_endpoint"):
            if endpoint["status"] == "enabled" and matches(
                event["type"], endpoint["enabled_events"]
            ):
                event["pending_webhooks"] += 1
                self.send(event, endpoint["id"])

    def send(self, event: Json, endpoint: str) -> Delivery:
        """One more delivery of an event."""
        self._count += 1
        delivery = Delivery(self._count, event, endpoint, due=time.monotonic())
        if self.holds:
            delivery.status = "held"
        self.fate(delivery)
        self.all.append(delivery)
        del self.all[:-KEPT]
        self.wake()
        return delivery

    def wake(self) -> None:
        """Look again what is due; whoever calls it is in the loop of `run`."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=PATIENCE), cookie_jar=aiohttp.DummyCookieJar()
        ) as client:
            while True:
                waiting = [each for each in self.all if each.status == "waiting"]
                first = min(waiting, key=lambda each: each.due, default=None)
                now = time.monotonic()
                if first is not None and first.due <= now:
                    await self.attempt(client, first)
                    continue
                self._wake.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None if first is None else first.due - now):
                        await self._wake.wait()

    async def attempt(self, client: aiohttp.ClientSession, delivery: Delivery) -> None:
        """Post the event once."""
        endpoint = self.world.find("webhook_endpoint", delivery.endpoint)
        if endpoint is None:
            delivery.status = "dropped"
            return
        delivery.status = "sending"
        event = self.world.answer(delivery.event)
        event["api_version"] = endpoint["api_version"] or event["api_version"]
        body = json.dumps(event, indent=2).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(endpoint["_secret"], body, int(time.time())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            async with client.post(
                endpoint["url"], data=body, headers=headers, allow_redirects=False
            ) as answer:
                result = str(answer.status)
                is_done = 200 <= answer.status < 300
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            result, is_done = type(error).__name__, False
        delivery.attempts.append(result)
        self.settle(delivery, is_done=is_done)

    def settle(self, delivery: Delivery, *, is_done: bool) -> None:
        """Done, or to be tried again, or given up."""
        if is_done:
            delivery.status = "delivered"
            delivery.event["pending_webhooks"] = max(0, delivery.event["pending_webhooks"] - 1)
        elif len(delivery.attempts) > len(self.retries):
            delivery.status = "failed"
        else:
            delivery.status = "waiting"
            delivery.due = time.monotonic() + self.retries[len(delivery.attempts) - 1]

    # ------------------------------------------------------------------ what a person or test does
    def hold(self) -> None:
        """Keep new deliveries, and those that wait, until they are released."""
        self.holds = True
        for each in self.all:
            if each.status == "waiting":
                each.status = "held"

    def release(self, delivery: Delivery | None = None, *, after: float = 0.0) -> None:
        """Let one go, or all of them; only then `holds` ends."""
        if delivery is None:
            self.holds = False
        for each in [delivery] if delivery else self.all:
            if each.status in {"held", "waiting"}:
                each.status, each.due = "waiting", time.monotonic() + after
        self.wake()

    def shuffle(self, seed: int | str) -> None:
        """Let those that are held go out in another order."""
        held = [place for place, each in enumerate(self.all) if each.status == "held"]
        order = [self.all[place] for place in held]
        random.Random(seed).shuffle(order)  # noqa: S311  # to repeat a test, not to hide anything
        for place, each in zip(held, order, strict=True):
            self.all[place] = each

    def reverse(self) -> None:
        """Let those that are held go out with the last first."""
        held = [place for place, each in enumerate(self.all) if each.status == "held"]
        order = [self.all[place] for place in held]
        for place, each in zip(held, reversed(order), strict=True):
            self.all[place] = each

    def drop(self, delivery: Delivery) -> None:
        """Never deliver it."""
        if delivery.is_open:
            delivery.status = "dropped"

    def repeat(self, delivery: Delivery, times: int = 1) -> list[Delivery]:
        """Deliver the same event again."""
        return [self.send(delivery.event, delivery.endpoint) for _ in range(times)]

    def still_open(self) -> list[list[str]]:
        """What may still arrive, for the next run: events and where they go."""
        return [[each.event["id"], each.endpoint] for each in self.all if each.is_open]

    def go_on(self, former: list[list[str]]) -> None:
        """Deliver what the last run did not."""
        for name, endpoint in former:
            if event := self.world.find("event", name):
                self.send(event, endpoint)

    @property
    def are_settled(self) -> bool:
        """Whether nothing is on its way; what is held is not."""
        return not any(each.status in {"waiting", "sending"} for each in self.all)


@completes("webhook_endpoint")
def complete(world: World, endpoint: Json) -> Json:
    """As it is; the secret was answered when it was made."""
    return endpoint
