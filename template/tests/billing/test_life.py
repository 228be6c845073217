"""The whole life of a subscription; after each step its team may do what it should, no more.

The sandbox's time goes on for months. Each step ends when all work is done.
"""

import pytest

from core.billing.catalog import CATALOG
from core.billing.entitlements import Standing
from core.billing.tasks import CollectUsage
from tests.billing import truth
from tests.billing.check import check_team
from tests.billing.plans import LARGE, ONCE, SMALL
from tests.billing.team import Team, make_team
from tests.billing.world import World

NEW_LETTERS = """
    SELECT payload->>'template' AS template FROM outbox_message
    WHERE task = 'accounts.send_mail' AND payload->>'to' = %(receiver)s ORDER BY id
"""


class Life:
    """A team, and what became of it after each step."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.team: Team = make_team(world, "ann")
        self.letters = 0

    def stands(
        self, standing: Standing, plan: str, *letters: str, seats: int | None = None
    ) -> None:
        """Once everything is done: how the team stands, and which mails came since the last.

        Of several that came, two workers may have sent either one first.
        """
        self.world.settle()
        check_team(self.world, self.team)
        entitled = self.world.entitlements(self.team.id)
        assert (entitled.standing, entitled.plan.code) == (standing, plan)
        sent = self.world.rows(NEW_LETTERS, receiver=self.team.owner.email)
        assert sorted(each["template"] for each in sent[self.letters :]) == sorted(letters)
        self.letters = len(sent)
        if seats is not None:
            assert self.seats == seats

    @property
    def subscription(self) -> dict[str, object]:
        """The one that the team has, as Stripe tells it."""
        return dict(self.world.stripe.truth(self.team.customer)["subscriptions"][-1])

    @property
    def seats(self) -> int:
        """How many it pays for."""
        return int(truth.plan_item(self.subscription)["quantity"])

    def says(self, **wanted: object) -> None:
        """The API says so too."""
        found = self.team.billing()
        assert {name: found[name] for name in wanted} == wanted

    def wait_until(self, moment: str, *, days: float = 0) -> None:
        """Let time pass until so long after a moment of the subscription's."""
        row = self.world.rows(
            f"SELECT extract(epoch FROM {moment})::bigint AS at FROM billing_subscription "  # noqa: S608
            "ORDER BY id DESC LIMIT 1"
        )[0]
        self.world.stripe.advance(to=int(row["at"] + days * 86_400))


@pytest.fixture
def life(empty: World) -> Life:
    """A team that has just been made."""
    return Life(empty)


def test_the_whole_life_of_a_subscription(life: Life) -> None:
    team, stripe = life.team, life.world.stripe
    life.stands(Standing.FREE, CATALOG.free.code)

    # A trial, with a card.
    team.subscribe(SMALL.code)
    life.stands(Standing.TRIAL, SMALL.code, seats=1)
    life.says(plan=SMALL.code, standing="trial")

    # People come and go.
    assert team.add("bob").is_success
    assert team.add("eve").is_success
    life.stands(Standing.TRIAL, SMALL.code, seats=3)
    team.remove()
    life.stands(Standing.TRIAL, SMALL.code, seats=2)

    # The reminder, and the first payment.
    life.wait_until("trial_end", days=-2.9)
    life.stands(Standing.TRIAL, SMALL.code, "trial_ending")
    life.wait_until("trial_end", days=0.1)
    life.stands(Standing.ACTIVE, SMALL.code)

    # A larger plan, at once.
    assert team.change_plan(LARGE.code).is_success
    life.stands(Standing.ACTIVE, LARGE.code, seats=2)
    life.says(plan=LARGE.code, standing="active")

    # What was used is reported.
    for quantity in (1, 5, 1):
        team.use(quantity)
    life.world.enqueue(CollectUsage())
    life.stands(Standing.ACTIVE, LARGE.code)

    # A payment fails, and again; the grace ends.
    stripe.fail_next_payment(team.customer, times=2)
    life.wait_until("current_period_end", days=0.1)
    life.stands(Standing.GRACE, LARGE.code, "payment_failed")
    life.says(plan=LARGE.code, standing="grace")
    stripe.advance(days=3)
    life.stands(Standing.GRACE, LARGE.code, "payment_failed")
    stripe.advance(days=4.5)
    life.stands(Standing.SUSPENDED, CATALOG.free.code)

    # It is paid after all.
    team.pay_what_is_due()
    life.stands(Standing.ACTIVE, LARGE.code, "payment_recovered")

    # Canceled, resumed, canceled: then it ends with its period.
    assert team.cancel().is_success
    life.stands(Standing.ACTIVE, LARGE.code, "subscription_canceled")
    assert team.resume().is_success
    life.stands(Standing.ACTIVE, LARGE.code)
    stripe.advance(days=1)
    assert team.cancel().is_success
    life.stands(Standing.ACTIVE, LARGE.code, "subscription_canceled")
    life.wait_until("cancel_at")
    life.stands(Standing.FREE, CATALOG.free.code, "subscription_ended")
    life.says(plan=CATALOG.free.code, standing="free")

    # Another one, with no second trial; and something that is paid once.
    team.subscribe(SMALL.code, "year")
    life.stands(Standing.ACTIVE, SMALL.code, seats=2)
    if ONCE:
        team.buy(ONCE[0])
    life.stands(Standing.ACTIVE, SMALL.code)


def test_nobody_pays_and_it_ends(life: Life) -> None:
    team, stripe = life.team, life.world.stripe
    team.subscribe(SMALL.code)
    life.stands(Standing.TRIAL, SMALL.code)
    stripe.fail_next_payment(team.customer, times=4)
    life.wait_until("trial_end", days=0.1)
    life.stands(Standing.GRACE, SMALL.code, "payment_failed")
    for days in (3, 5):
        stripe.advance(days=days)
        life.world.settle()
    stripe.advance(days=7)
    life.stands(
        Standing.FREE,
        CATALOG.free.code,
        "payment_failed",
        "payment_failed",
        "payment_failed",
        "subscription_ended",
    )


def test_who_joins_while_somebody_pays_has_a_seat(life: Life) -> None:
    address = life.team.start_checkout(SMALL.code).json()["url"]
    assert life.team.add("bob").is_success
    life.world.settle()
    life.team.pay(address)
    life.stands(Standing.TRIAL, SMALL.code, seats=2)
