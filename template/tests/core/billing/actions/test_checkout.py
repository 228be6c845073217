"""Checkout: from the plans in code, and never twice."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import stripe

from core.billing import checkout
from core.billing.database import lock_customer
from core.billing.schemas import CheckoutStart
from core.billing.shop import Shop, TeamFacts
from core.problems import Problem
from sandbox.stripe.thread import session_of
from tests.core.billing.actions.office import ADDRESSES, NAMES, Office, execute_of
from tests.core.billing.catalog import CATALOG


def problem(error: pytest.ExceptionInfo[Problem]) -> tuple[int, str]:
    return error.value.status, error.value.kind


def test_what_is_paid_is_what_the_plans_say(office: Office) -> None:
    team = office.team(members=5)
    subscription = office.subscribe(team)
    items = {item.price.lookup_key: item for item in subscription.items.data}
    assert set(items) == {
        NAMES.price(NAMES.product("plan", "pro"), "usd", "month"),
        NAMES.price(NAMES.product("usage", "calls"), "usd", "month"),
    }
    seats = items[NAMES.price(NAMES.product("plan", "pro"), "usd", "month")]
    assert seats.quantity == 5
    # 29 dollars with three seats, and two at nine.
    paid = [each["amount_paid"] for each in office.truth(team)["invoices"]]
    assert paid[-1] == 2900 + 2 * 900
    assert subscription.billing_mode.type == "flexible"
    assert office.billing(team).plan == "pro"


def test_a_checkout_is_waited_for_until_the_news_arrive(office: Office) -> None:
    team = office.team()
    address = office.start(team)
    name = address.rpartition("/")[2]
    assert office.state(team, name) == "open"
    office.sandbox.pay(address)
    assert office.state(team, name) == "processing"
    office.hear(team)
    assert office.state(team, name) == "complete"


def test_who_only_waits_for_news_does_not_wait_for_those_who_bring_them(office: Office) -> None:
    team = office.team()
    name = office.start(team).rpartition("/")[2]
    with psycopg.connect(office.address) as other:
        lock_customer(execute_of(other), team_id=team.id)
        office.rows("SELECT set_config('lock_timeout', '1', false)")
        assert office.state(team, name) == "open"


def test_a_checkout_that_nobody_paid_expires(office: Office) -> None:
    team = office.team()
    name = office.start(team).rpartition("/")[2]
    office.sandbox.advance(days=2)
    assert office.state(team, name) == "expired"


def test_nobody_looks_at_the_checkout_of_another_team(office: Office) -> None:
    team, other = office.team(), office.team()
    name = office.start(team).rpartition("/")[2]
    office.start(other)
    for theirs in (name, "cs_test_nothing", "../customers", "cs_"):
        with pytest.raises(Problem) as error:
            office.state(other, theirs)
        assert error.value.status == 404


def test_two_tabs_share_a_checkout(office: Office) -> None:
    team = office.team()
    first, second = office.start(team), office.start(team)
    assert first == second
    office.sandbox.pay(first)
    with pytest.raises(AssertionError):
        office.sandbox.pay(second)
    assert len(office.truth(team)["subscriptions"]) == 1


def test_another_choice_ends_the_checkout_in_the_other_tab(office: Office) -> None:
    team = office.team()
    pro = office.start(team, "pro")
    solo = office.start(team, "solo")
    with pytest.raises(AssertionError):
        office.sandbox.pay(pro)
    office.sandbox.pay(solo)
    assert len(office.truth(team)["subscriptions"]) == 1
    assert [each["status"] for each in office.truth(team)["checkout_sessions"]] == [
        "expired",
        "complete",
    ]


def test_whoever_is_subscribed_cannot_subscribe_again(office: Office) -> None:
    """Also before the news of it have arrived."""
    team = office.team()
    office.sandbox.pay(office.start(team))
    with pytest.raises(Problem) as error:
        office.start(team, "solo")
    assert problem(error) == (409, "subscribed")


def test_checkouts_that_are_started_at_one_moment_lead_to_one_subscription(office: Office) -> None:
    new, known = office.team(), office.team()
    office.start(known)
    for team in (new, known):
        addresses = start_together(office, team, ["pro", "solo", "pro", "solo"])
        paid = 0
        for address in set(addresses):
            try:
                office.sandbox.pay(address)
                paid += 1
            except AssertionError:
                continue
        assert paid == 1
        assert len(office.truth(team)["subscriptions"]) == 1
    assert len(office.sandbox.customers()) == 2


def start_together(office: Office, team: TeamFacts, plans: list[str]) -> list[str]:
    """Checkouts that are started at one moment by so many people."""
    together = threading.Barrier(len(plans))

    def start(plan: str) -> str:
        with psycopg.connect(office.address) as connection, connection.transaction():
            together.wait()
            shop = Shop(execute_of(connection), office.client, CATALOG)
            wanted = CheckoutStart(plan=plan, interval="month", currency="usd")
            return checkout.start_checkout(shop, team, wanted, ADDRESSES)

    with ThreadPoolExecutor(len(plans)) as pool:
        return list(pool.map(start, plans))


def test_a_customer_is_made_once_even_if_our_own_transaction_fails(office: Office) -> None:
    team = office.team()
    wanted = CheckoutStart(plan="pro", interval="month", currency="usd")
    checkout.start_checkout(Shop(office.execute, office.client, CATALOG), team, wanted, ADDRESSES)
    office.connection.rollback()
    office.start(TeamFacts(team.id, "Another name", "bob@example.com"))
    assert office.sandbox.customers() == [office.customer(team)]
    assert office.truth(team)["customer"]["email"] == "bob@example.com"
    open_sessions = [
        each for each in office.truth(team)["checkout_sessions"] if each["status"] == "open"
    ]
    assert len(open_sessions) == 1


def test_a_trial_is_given_once(office: Office) -> None:
    team = office.team()
    subscription = office.subscribe(team, trial=True)
    assert subscription.status == "trialing"
    office.client.v1.subscriptions.cancel(subscription.id)
    office.hear(team)
    assert not office.billing(team).may_try
    assert office.subscribe(team, trial=True).status == "active"


def test_what_is_not_in_the_plans_is_not_sold(office: Office) -> None:
    team = office.team()
    for plan, interval, currency in (
        ("gold", "month", "usd"),
        ("free", "month", "usd"),
        ("solo", "year", "usd"),
        ("pro", "month", "eur"),
    ):
        with pytest.raises(Problem) as error:
            office.start(team, plan, interval, currency)
        assert error.value.status == 422
    with pytest.raises(Problem) as error:
        office.buy(team, "setup", "eur")
    assert error.value.status == 422
    assert office.sandbox.customers() == []


def test_many_prices_are_asked_for_a_few_at_a_time(office: Office) -> None:
    keys = [NAMES.plan_price(CATALOG.plan("pro"), price) for price in CATALOG.plan("pro").prices]
    with office.shop() as shop:
        names = checkout.prices_named(shop, keys * 7)
    assert names == names[:3] * 7
    assert len(set(names)) == 3


def test_a_team_that_is_too_large_cannot_have_the_plan(office: Office) -> None:
    with pytest.raises(Problem) as error:
        office.start(office.team(members=2), "solo")
    assert problem(error) == (402, "limit-reached")


def test_the_first_currency_stays(office: Office) -> None:
    team = office.team()
    subscription = office.subscribe(team, "pro", "month", "jpy")
    office.client.v1.subscriptions.cancel(subscription.id)
    with pytest.raises(Problem) as error:
        office.start(team, "pro", "month", "usd")
    assert problem(error) == (409, "currency-fixed")
    assert office.start(team, "pro", "month", "jpy")


def test_what_is_paid_once_is_kept_and_can_be_bought_again(office: Office) -> None:
    team = office.team()
    first = office.buy(team)
    assert office.buy(team) == first
    done = office.sandbox.pay(first)
    assert office.state(team, session_of(done)) == "processing"
    office.hear(team)
    assert office.state(team, session_of(done)) == "complete"
    again = office.buy(team)
    assert again != first
    office.sandbox.pay(again)
    office.hear(team)
    purchases = office.rows("SELECT code, amount, currency FROM billing_purchase")
    assert purchases == [("setup", 49900, "usd")] * 2
    assert len(office.truth(team)["invoices"]) == 2


def test_a_first_payment_that_fails_leaves_nothing(office: Office) -> None:
    team = office.team()
    address = office.start(team, "solo")
    with pytest.raises(AssertionError, match="declined"):
        office.sandbox.pay(address, number="4000000000000002")
    office.hear(team)
    assert office.billing(team).plan == "free"
    office.sandbox.pay(office.start(team, "solo"))
    office.hear(team)
    assert office.billing(team).plan == "solo"


def test_an_outage_of_stripe_is_told_as_such(office: Office) -> None:
    team = office.team()
    assert office.client
    office.sandbox.fail_next_requests(*[503] * 20)
    with pytest.raises(Problem) as error:
        office.start(team)
    assert error.value.status == 503
    assert error.value.headers == {"Retry-After": "5"}
    assert isinstance(error.value.__cause__, stripe.StripeError)


def test_a_customer_that_was_deleted_at_stripe_is_made_anew(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "solo")
    gone = office.customer(team)
    office.client.v1.customers.delete(gone)
    with pytest.raises(Problem) as error:
        office.start(team, "solo")
    assert problem(error) == (409, "customer-gone")
    office.hear(team)
    assert office.billing(team).plan == "free"
    # Within a day, Stripe would answer with those that are gone.
    office.start(team, "solo")
    office.client.v1.customers.delete(office.customer(team))
    office.hear(team)
    office.subscribe(team, "solo")
    assert office.customer(team) != gone
    assert office.billing(team).plan == "solo"
