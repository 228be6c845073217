"""The sandbox in a thread of the test run.

    with start(webhook="http://testserver/webhooks/stripe") as stripe:
        client = stripe.client()                 # the real stripe.StripeClient
        ...
        stripe.advance(days=30)                  # renewals, retries and ends of trials, in order
        stripe.deliveries.wait()                 # until every event was delivered
        stripe.truth(customer_id)                # what is true of a customer

It is a real HTTP server. `settings.stripe_api_base = stripe.url` leads the product there, with
`stripe.secret_key` and `stripe.webhook_secret`.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx

from sandbox.in_thread import serving
from sandbox.plain import NO_TLS
from sandbox.ports import free_port
from sandbox.site import offer_pages
from sandbox.stripe import agenda
from sandbox.stripe.clock import DAY, Clock
from sandbox.stripe.forms import Json
from sandbox.stripe.hosted import STRIPE
from sandbox.stripe.pages import OFFER, PATH
from sandbox.stripe.server import SECRET_KEY, WEBHOOK_SECRET, Stripe
from sandbox.stripe.webhooks import Delivery
from sandbox.stripe.world import Policy, World

if TYPE_CHECKING:
    import stripe as stripe_library

T = TypeVar("T")


class Runner:
    """Runs functions where the sandbox runs, so that nothing happens in between."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    def __call__(self, function: Callable[[], T]) -> T:
        """What the function answers."""

        async def call() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result()


@dataclass(frozen=True)
class DeliveryControl:
    """What a test does to deliveries."""

    _stripe: Stripe
    _run: Runner

    def all(self, *types: str) -> list[Delivery]:
        """Every delivery, or those of events of these types; the oldest first."""
        found = self._run(lambda: list(self._stripe.deliveries.all))
        return [each for each in found if not types or each.event["type"] in types]

    def held(self) -> list[Delivery]:
        """Those that are held back."""
        return [each for each in self.all() if each.status == "held"]

    def hold(self) -> None:
        """Hold back what happens from now on, and what waits."""
        self._run(self._stripe.deliveries.hold)

    def release(self, *deliveries: Delivery, after: float = 0.0) -> None:
        """Let these go; without any, all of them, and hold back no more."""
        for each in deliveries or (None,):
            self._run(partial(self._stripe.deliveries.release, each, after=after))

    def drop(self, *deliveries: Delivery) -> None:
        """Never deliver these."""
        for each in deliveries:
            self._run(partial(self._stripe.deliveries.drop, each))

    def duplicate(self, *deliveries: Delivery, times: int = 1) -> list[Delivery]:
        """Deliver these again."""
        made: list[Delivery] = []
        for each in deliveries:
            made += self._run(partial(self._stripe.deliveries.repeat, each, times))
        return made

    def reverse(self) -> None:
        """Turn the order of what is held back around."""
        self._run(self._stripe.deliveries.reverse)

    def shuffle(self, seed: int | str) -> None:
        """Put what is held back in another order, the same for the same seed."""
        self._run(lambda: self._stripe.deliveries.shuffle(seed))

    def set_fate(self, fate: Callable[[Delivery], None]) -> None:
        """Decide over each delivery as it is made: change its `status` or its `due`."""
        self._run(lambda: setattr(self._stripe.deliveries, "fate", fate))

    def wait(self, timeout: float = 10.0) -> None:
        """Until nothing is on its way, but for what is held; AssertionError when it takes longer.

        A delivery that fails is on its way until its last attempt.
        """
        deadline = time.monotonic() + timeout
        while not self._run(lambda: self._stripe.deliveries.are_settled):
            if time.monotonic() > deadline:
                waiting = [
                    (each.event["type"], each.status, each.attempts)
                    for each in self.all()
                    if each.status in {"waiting", "sending"}
                ]
                raise AssertionError(f"still on their way after {timeout} s: {waiting}")
            time.sleep(0.005)


@dataclass(frozen=True)
class RunningStripe:
    """A running sandbox, and what a test does to it."""

    url: str
    deliveries: DeliveryControl
    _stripe: Stripe
    _run: Runner
    secret_key: str = SECRET_KEY
    webhook_secret: str = WEBHOOK_SECRET

    def client(self, **options: Any) -> "stripe_library.StripeClient":
        """The real client of Stripe's library, led here."""
        import stripe as library  # half a second that others need not wait for

        return library.StripeClient(self.secret_key, base_addresses={"api": self.url}, **options)

    # ------------------------------------------------------------------------------------- time
    def now(self) -> int:
        """The sandbox's time, in seconds since 1970."""
        return self._run(self._stripe.world.now)

    def advance(self, *, days: float = 0, seconds: float = 0, to: int | None = None) -> int:
        """Move the clock and let everything happen that falls due; answers how much that was."""
        step = int(days * DAY + seconds)
        return self._run(lambda: self._stripe.advance(to=to, seconds=step))

    def advance_to_next(self) -> int:
        """Move the clock to the next thing that falls due, and let that alone happen."""
        return self._run(self._next)

    def _next(self) -> int:
        entries = agenda.entries(self._stripe.world)
        due = min((entry[0] for entry in entries), default=None)
        return 0 if due is None else self._stripe.advance(to=max(due, self._stripe.world.now()))

    # --------------------------------------------------------------------------------- payments
    def fail_next_payment(
        self, customer: str = "", *, reason: str = "card_declined", times: int = 1
    ) -> None:
        """Have the next payments refused, of one customer or of whoever pays next."""
        waiting = self._stripe.world.refusals
        self._run(lambda: waiting.setdefault(customer, []).extend([reason] * times))

    def accept_payments(self, customer: str = "") -> None:
        """Take back what `fail_next_payment` announced."""
        self._run(lambda: self._stripe.world.refusals.pop(customer, None))

    def set_policy(self, policy: Policy) -> None:
        """What happens to subscriptions that are not paid."""
        self._run(lambda: setattr(self._stripe.world, "policy", policy))

    def fail_next_requests(self, *statuses: int) -> None:
        """Have the next requests of the API fail, as when Stripe is out of order.

        A status of 0 lets one pass.
        """
        self._run(lambda: self._stripe.api.outages.extend(statuses))

    def end_outage(self) -> None:
        """Have requests answered again."""
        self._run(self._stripe.api.outages.clear)

    # -------------------------------------------------------------------------------- the truth
    def events(self, *types: str) -> list[Json]:
        """What happened, the oldest first."""
        found = self._run(
            lambda: [self._stripe.world.answer(e) for e in self._stripe.world.all("event")]
        )
        return [each for each in found if not types or each["type"] in types]

    def truth(self, customer: str) -> Json:
        """All that is true of a customer: the object, and its subscriptions, invoices and usage."""

        def look() -> Json:
            world = self._stripe.world
            mine: Json = {"customer": world.answer(world.get("customer", customer))}
            for name, kind in (
                ("subscriptions", "subscription"),
                ("invoices", "invoice"),
                ("payment_methods", "payment_method"),
                ("checkout_sessions", "checkout.session"),
                ("charges", "charge"),
            ):
                mine[name] = [
                    world.answer(each) for each in world.all(kind) if each["customer"] == customer
                ]
            mine["meter_events"] = [
                world.answer(each)
                for each in world.all("billing.meter_event")
                if each["_customer"] == customer
            ]
            return mine

        return self._run(look)

    def customers(self) -> list[str]:
        """Everybody who is known here."""
        return self._run(lambda: [each["id"] for each in self._stripe.world.all("customer")])

    # ---------------------------------------------------------------------------- what people do
    def pay(
        self,
        address: str,
        *,
        number: str = "4242424242424242",
        email: str = "ann@example.com",
        name: str = "Ann",
        code: str = "",
        challenge: str = "pass",
    ) -> str:
        """Pay on the page of a checkout or invoice; answers where that leads.

        `challenge` is "pass" or "fail". Raises AssertionError, with the page, if it does not work.
        """
        form = {"number": number, "email": email, "name": name}
        if code:
            self._post(address, {"answer": "code", "code": code})
        answer = self._post(address, {**form, "answer": "pay"})
        if answer.status_code == httpx.codes.OK and 'value="pass"' in answer.text:
            answer = self._post(address, {**form, "answer": challenge})
        return self._lead(answer)

    def go_back(self, address: str) -> str:
        """Leave a checkout without paying; answers where that leads."""
        return self._lead(self._post(address, {"answer": "back"}))

    def in_portal(self, address: str, answer: str, **form: str) -> None:
        """Press a button of the portal: "change", "cancel", "resume" or "card"."""
        self._lead(self._post(address, {"answer": answer, **form}))

    def _post(self, address: str, form: dict[str, str]) -> httpx.Response:
        parts = urlsplit(self.url)
        origin = {"Origin": f"{parts.scheme}://{parts.netloc}"}
        return httpx.post(address, data=form, headers=origin, verify=NO_TLS)

    def _lead(self, answer: httpx.Response) -> str:
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise AssertionError(f"the page answers {answer.status_code}: {answer.text}")
        return answer.headers["Location"]


def session_of(address: str) -> str:
    """The checkout session that a success address names as `session_id`."""
    return parse_qs(urlsplit(address).query)["session_id"][0]


@contextlib.contextmanager
def start(
    *,
    webhook: str | None = None,
    seed: str = "test",
    now: int | None = None,
    policy: Policy | None = None,
    retries: Sequence[float] = (0.05, 0.1, 0.2, 0.4),
    like: RunningStripe | None = None,
) -> Iterator[RunningStripe]:
    """A sandbox on a free port of this machine, until the block ends.

    `now`: its clock stands there until it is moved; without it the clock runs from the real time.
    `like`: begin with all that is in this one, such as products and prices.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}{PATH}"
    world = World(Clock(now), seed=seed, policy=policy or Policy(), pages_url=url)
    if like is not None:
        former = like._run(like._stripe.world.copy)
        world.objects, world.counters = former.objects, former.counters
    stripe = Stripe(world, retries=retries)
    if webhook:
        stripe.listen_at(webhook)
    pages = offer_pages(OFFER)
    pages[STRIPE] = stripe
    pages.cleanup_ctx.append(stripe.run)
    with serving(pages, port) as loop:
        run = Runner(loop)
        yield RunningStripe(url, DeliveryControl(stripe, run), stripe, run)
