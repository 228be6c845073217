"""One request of a client, from its headers to its answer."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from sandbox.stripe import (
    account,
    checkout,
    coupons,
    customers,
    invoices,
    meters,
    payment_methods,
    payments,
    portal,
    previews,
    prices,
    products,
    subscriptions,
    webhooks,
)
from sandbox.stripe.errors import (
    StripeError,
    idempotency_conflict,
    invalid,
    unauthorized,
)
from sandbox.stripe.forms import Json, Params, parse
from sandbox.stripe.routes import Route, expand
from sandbox.stripe.world import World

RESOURCES = (
    # Its address looks like the name of an invoice, so it goes first.
    previews,
    account,
    checkout,
    coupons,
    customers,
    invoices,
    meters,
    payment_methods,
    payments,
    portal,
    prices,
    products,
    subscriptions,
    webhooks,
)
ROUTES: tuple[Route, ...] = tuple(route for module in RESOURCES for route in module.routes.all)


@dataclass(frozen=True)
class Answer:
    """What the client receives."""

    status: int
    body: Json
    headers: dict[str, str]


class Api:
    """Answers requests with one world's state."""

    def __init__(self, world: World, secret_key: str) -> None:
        self.world = world
        self.secret_key = secret_key
        # Statuses with which the next requests fail, whatever they ask for; 0 lets one pass.
        self.outages: list[int] = []

    def answer(
        self, method: str, path: str, query: str, body: str, headers: Mapping[str, str]
    ) -> Answer:
        """The answer to one request."""
        request_id = self.world.new_id("req", 14)
        version = headers.get("Stripe-Version", "")
        sent = {"Request-Id": request_id, "Stripe-Version": version}
        key = headers.get("Idempotency-Key", "") if method == "POST" else ""
        if key:
            sent["Idempotency-Key"] = key
        try:
            self.check_key(headers.get("Authorization", ""))
            if self.outages and (status := self.outages.pop(0)):
                raise outage(status)
            if version:
                self.world.api_version = version
            encoded = body if method == "POST" else query
            if key and (former := self.former(key, method, path, encoded)):
                sent["Idempotent-Replayed"] = "true"
                return Answer(former["status"], former["body"], sent)
            self.world.request = {"id": request_id, "idempotency_key": key or None}
            status, content = self.run(method, path, encoded)
        except StripeError as error:
            status, content = error.status, error.body()
            content["error"]["request_log_url"] = (
                f"https://dashboard.stripe.com/test/logs/{request_id}"
            )
        # As at Stripe: what was refused before it began may be sent again with the same key.
        if key and status not in {400, 401, 404, 409, 429}:
            self.world.replays[key] = {
                "request": [method, path, encoded],
                "status": status,
                "body": content,
            }
        return Answer(status, content, sent)

    def run(self, method: str, path: str, encoded: str) -> tuple[int, Json]:
        """Find the address and let it answer."""
        route, arguments = find(method, path)
        params = Params(parse(encoded))
        paths = params.texts("expand")
        found = route.answer(self.world, params, *arguments)
        params.check_all_taken()
        answer = found if found.get("object") == "list" else self.world.answer(found)
        if "secret" in found and found["object"] == "webhook_endpoint":
            answer["secret"] = found["secret"]
        return 200, expand(self.world, answer, paths)

    def check_key(self, authorization: str) -> None:
        """Refuse whoever does not have the key."""
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() == "basic":
            try:
                given = base64.b64decode(given).decode().partition(":")[0]
            except (binascii.Error, ValueError):
                given = ""
        if not given:
            raise unauthorized(
                "You did not provide an API key. You need to provide your API key in the "
                "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                "YOUR_SECRET_KEY')."
            )
        if given != self.secret_key:
            raise unauthorized(f"Invalid API Key provided: {given[:8]}{'*' * 8}{given[-4:]}")

    def former(self, key: str, method: str, path: str, encoded: str) -> Json | None:
        """What was answered to this key before."""
        former = self.world.replays.get(key)
        if former is not None and former["request"] != [method, path, encoded]:
            raise idempotency_conflict(key)
        return former


def find(method: str, path: str) -> tuple[Route, list[str]]:
    """The route of an address."""
    for route in ROUTES:
        if route.method == method and (found := route.path.fullmatch(path)):
            return route, [unquote(part) for part in found.groups()]
    raise StripeError(
        404,
        "invalid_request_error",
        f"Unrecognized request URL ({method}: {path}); this sandbox knows fewer than Stripe does.",
        code=None,
    )


def outage(status: int) -> StripeError:
    """A request that fails because of Stripe."""
    if status == 429:
        return StripeError(429, "invalid_request_error", "Too many requests.", code="rate_limit")
    if status == 404:
        return StripeError(404, "invalid_request_error", "No such thing.", code="resource_missing")
    if status < 500:
        return invalid("The sandbox was told to refuse this.")
    return StripeError(status, "api_error", "An error occurred with our connection.")
