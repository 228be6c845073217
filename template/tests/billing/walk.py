"""Lives of subscriptions at random, while processes die: the same seed wants the same."""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import httpx
import stripe

from core.billing.tasks import CollectUsage, ReconcileCustomers, SweepBilling
from core.webhooks.tasks import SweepEvents
from tests.billing.fate import Fate
from tests.billing.plans import LARGE, ONCE, SMALL
from tests.billing.team import Team, make_team
from tests.billing.world import World

# What the API may answer to somebody who tries what does not go now: never 500.
REFUSALS = {
    402,  # the plan has no room, or the card is refused
    409,  # there is a subscription already, or none
    503,  # Stripe does not answer
}
REASONS = ("card_declined", "insufficient_funds", "expired_card")
OUTAGES = ((500,), (503, 503), (429, 0, 500), (500, 500, 500, 500))
# What the clock asks for.
PERIODIC = (SweepEvents(), SweepBilling(), ReconcileCustomers(), CollectUsage())
# How often each is done, of all that is done.
WEIGHTS = {
    "subscribe": 5,
    "subscribe_twice": 2,
    "add": 4,
    "remove": 2,
    "change_plan": 3,
    "cancel": 2,
    "resume": 2,
    "buy": 1,
    "refund": 1,
    "use": 6,
    "lose_card": 3,
    "change_card": 1,
    "pay_what_is_due": 2,
    "end_at_stripe": 1,
    "time": 6,
    "outage": 2,
    "look": 1,
}
# What dies once in each stretch of this many steps, at some moment of one of them.
STRETCH = 24


class Walk:
    """A few teams, and so many steps of theirs."""

    def __init__(self, world: World, seed: int, *, teams: int = 3) -> None:
        self.world = world
        self.chance = Random(seed)  # noqa: S311
        self.fate = Fate(str(seed), world.stripe)
        self.done: Counter[str] = Counter()
        self.deaths: Counter[str] = Counter()
        self.teams = [make_team(world, f"ann{seed}x{number}") for number in range(teams)]
        self.people = 0

    def run(self, steps: int) -> None:
        """Take the steps; afterwards everything runs again and all news are out."""
        names, weights = list(WEIGHTS), list(WEIGHTS.values())
        self.world.stripe.deliveries.set_fate(self.fate)
        deadly: dict[int, str] = {}
        for step in range(steps):
            # Everybody begins as a customer; then anything may happen.
            is_first = step < len(self.teams)
            if step % STRETCH == 0:
                deadly = self.plan_deaths(step)
            team = self.teams[step] if is_first else self.chance.choice(self.teams)
            name = "subscribe" if is_first else self.chance.choices(names, weights)[0]
            self.take(getattr(self, name), team, deadly.get(step, ""))
            self.done[name] += 1
            self.fate.repeat()
        self.fate.calm = True
        self.world.stripe.end_outage()
        self.world.start_all()

    def plan_deaths(self, first: int) -> dict[int, str]:
        """In which of the next steps what dies."""
        mortal = [*self.world.commands, "broker"]
        steps = self.chance.sample(range(first, first + STRETCH), len(mortal))
        return dict(zip(steps, mortal, strict=True))

    def take(self, step: Callable[[Team], None], team: Team, victim: str) -> None:
        """Take a step, and let somebody die meanwhile."""
        if not victim:
            step(team)
            return
        death = threading.Timer(self.chance.uniform(0, 0.15), self.kill, [victim])
        death.start()
        step(team)
        death.join()

    def kill(self, victim: str) -> None:
        """Kill it, and start it again; nobody waits for that."""
        if victim == "broker":
            self.world.empty_the_broker()
        else:
            self.world.restart(victim)
        self.deaths[victim] += 1

    # ----------------------------------------------------------------------------- what is done
    def subscribe(self, team: Team) -> None:
        """Subscribe, or think better of it on Stripe's page."""
        plan = self.chance.choice((SMALL, LARGE))
        answer = team.start_checkout(plan.code, self.chance.choice(("month", "year")))
        then = self.chance.choices(("pay", "hesitate", "go"), (6, 2, 1))[0]
        if not expected(answer):
            return
        address = answer.json()["url"]
        if then == "go":
            self.world.stripe.go_back(address)
            return
        if then == "hesitate":  # meanwhile the team grows
            self.add(team)
        with refused_cards():
            team.pay(address)

    def subscribe_twice(self, team: Team) -> None:
        """Two of a team subscribe at once, and both try to pay; one subscription comes of it."""
        with ThreadPoolExecutor() as pool:
            plans = (SMALL.code, LARGE.code)
            answers = [each for each in pool.map(team.start_checkout, plans) if expected(each)]
        for answer in answers:
            with refused_cards():
                team.pay(answer.json()["url"])

    def add(self, team: Team) -> None:
        """Somebody joins."""
        self.people += 1
        expected(team.add(f"bob{self.people}"))

    def remove(self, team: Team) -> None:
        """Somebody is removed."""
        if team.members:
            team.remove()

    def change_plan(self, team: Team) -> None:
        """Another plan, or another interval."""
        plan = self.chance.choice((SMALL, LARGE))
        expected(team.change_plan(plan.code, self.chance.choice(("month", "year"))))

    def cancel(self, team: Team) -> None:
        """Let it end."""
        expected(team.cancel())

    def resume(self, team: Team) -> None:
        """Let it not end."""
        expected(team.resume())

    def buy(self, team: Team) -> None:
        """Buy something once."""
        if ONCE:
            with refused_cards():
                team.buy(self.chance.choice(ONCE))

    def refund(self, team: Team) -> None:
        """Somebody gives money back, in Stripe's dashboard."""
        paid = [
            each
            for each in self.truth(team)["charges"]
            if each["paid"] and each["amount"] - each["amount_refunded"] > 100
        ]
        if paid:
            charge = self.chance.choice(paid)["id"]
            with in_dashboard():
                self.world.stripe.client().v1.refunds.create({"charge": charge, "amount": 100})

    def use(self, team: Team) -> None:
        """Use what is billed by use."""
        team.use(self.chance.randint(1, 5))

    def lose_card(self, team: Team) -> None:
        """The next payments are refused."""
        if customer := team.customer:
            self.world.stripe.fail_next_payment(
                customer, reason=self.chance.choice(REASONS), times=self.chance.choice((1, 2, 4))
            )

    def change_card(self, team: Team) -> None:
        """Another card."""
        with refused_cards():
            team.change_card()

    def pay_what_is_due(self, team: Team) -> None:
        """Pay what is owed; a card that is refused does not help."""
        if not team.customer:
            return
        self.world.stripe.accept_payments(team.customer)
        team.pay_what_is_due()

    def end_at_stripe(self, team: Team) -> None:
        """Somebody ends a subscription at once, in Stripe's dashboard."""
        for each in self.truth(team)["subscriptions"]:
            if each["ended_at"] is None:
                with in_dashboard():
                    self.world.stripe.client().v1.subscriptions.cancel(each["id"])

    def time(self, team: Team) -> None:
        """Days pass."""
        self.world.stripe.advance(days=self.chance.choice((0.1, 1, 3, 7, 12, 31)))

    def outage(self, team: Team) -> None:
        """Stripe is out of order."""
        self.world.stripe.fail_next_requests(*self.chance.choice(OUTAGES))

    def look(self, team: Team) -> None:
        """The clock strikes."""
        self.world.enqueue(self.chance.choice(PERIODIC))

    def truth(self, team: Team) -> dict[str, Any]:
        """What Stripe knows of a team."""
        nothing: dict[str, Any] = {"charges": [], "subscriptions": []}
        return self.world.stripe.truth(team.customer) if team.customer else nothing


def refused_cards() -> contextlib.suppress:
    """Stripe's page may say that the card is refused; then the person gives up."""
    return contextlib.suppress(AssertionError)


def in_dashboard() -> contextlib.suppress:
    """Where Stripe is out of order, staff give up too."""
    return contextlib.suppress(stripe.StripeError)


def expected(answer: httpx.Response) -> bool:
    """Whether it was done; what was not was refused for a reason."""
    assert answer.is_success or answer.status_code in REFUSALS, (
        f"{answer.request.url}: {answer.status_code} {answer.text}"
    )
    return answer.is_success
