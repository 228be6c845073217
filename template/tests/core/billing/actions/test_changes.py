"""Changes of the plan cost what was shown, lose nothing that was used, and happen whole or not."""

from datetime import UTC, datetime
from functools import partial

import pytest

from core.billing.money import Money
from core.billing.usage import collect
from core.problems import Problem
from tests.core.billing.actions.office import NAMES, Office
from tests.core.billing.actions.test_checkout import problem

ASKS = "4000002760003184"  # its bank asks the person each time


def keys(office: Office, name: str) -> dict[str, int | None]:
    """The prices of a subscription and how many of each."""
    items = office.client.v1.subscriptions.retrieve(name)["items"].data
    return {str(item.price.lookup_key): getattr(item, "quantity", None) for item in items}


def charged(office: Office, team: object) -> int:
    """All that a team has paid."""
    return sum(each["amount_paid"] for each in office.truth(team)["invoices"])  # type: ignore[arg-type]


def test_an_upgrade_is_paid_at_once_as_it_was_shown(office: Office) -> None:
    team = office.team()
    subscription = office.subscribe(team, "solo")
    office.sandbox.advance(days=10)
    before = charged(office, team)
    shown = office.preview(team, "pro")
    office.change(team, "pro")
    paid = charged(office, team) - before
    assert paid == shown.due_now.amount
    # What is left of the period at the new price, less what is left of it at the old.
    item = office.client.v1.subscriptions.retrieve(subscription.id)["items"].data[0]
    whole = item.current_period_end - item.current_period_start
    exact = 2000 * (whole - 10 * 86_400) / whole
    assert abs(paid - exact) <= 2
    assert shown.per_period == Money(2900, "usd")
    assert office.billing(team).plan == "pro"
    assert keys(office, subscription.id) == {
        NAMES.price(NAMES.product("plan", "pro"), "usd", "month"): 1,
        NAMES.price(NAMES.product("usage", "calls"), "usd", "month"): None,
    }


def test_a_downgrade_gives_back_what_is_left(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "pro")
    before = charged(office, team)
    shown = office.preview(team, "solo")
    office.change(team, "solo")
    assert charged(office, team) == before
    assert shown.due_now == Money(0, "usd")
    assert shown.credit.amount == pytest.approx(2000, abs=2)
    assert office.truth(team)["customer"]["balance"] == -shown.credit.amount
    billing = office.billing(team)
    assert (billing.plan, billing.subscription and billing.subscription.quantity) == ("solo", 1)


def test_another_interval_begins_a_new_period(office: Office) -> None:
    team = office.team(members=5)
    subscription = office.subscribe(team, "pro")
    before = charged(office, team)
    shown = office.preview(team, "pro", "year")
    office.change(team, "pro", "year")
    assert charged(office, team) - before == shown.due_now.amount
    # A year with two more seats, less the month that was just paid.
    year, month = 29_000 + 2 * 9_000, 2_900 + 2 * 900
    assert shown.due_now.amount == pytest.approx(year - month, abs=2)
    assert keys(office, subscription.id) == {
        NAMES.price(NAMES.product("plan", "pro"), "usd", "year"): 5,
        NAMES.price(NAMES.product("usage", "calls"), "usd", "year"): None,
    }
    billing = office.billing(team)
    assert billing.subscription
    assert billing.subscription.interval == "year"
    left = billing.subscription.current_period_end - shown.renews_at
    assert abs(left.total_seconds()) < 60


def test_changing_to_what_is_there_costs_nothing(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "pro")
    before = len(office.truth(team)["invoices"])
    office.change(team, "pro")
    assert office.preview(team, "pro").due_now.amount == 0
    assert len(office.truth(team)["invoices"]) == before


def test_the_agreed_price_stays_when_the_plan_stays(office: Office) -> None:
    """Also if the plans say another one by now, and the team has grown."""
    team = office.team()
    subscription = office.subscribe(team, "pro")
    agreed = subscription["items"].data[0].price
    office.client.v1.prices.create(
        {
            "product": NAMES.product("plan", "pro"),
            "currency": "usd",
            "unit_amount": 9900,
            "recurring": {"interval": "month"},
            "lookup_key": str(agreed.lookup_key),
            "transfer_lookup_key": True,
        }
    )
    office.join(team)
    office.change(team, "pro")
    items = office.client.v1.subscriptions.retrieve(subscription.id)["items"].data
    assert [(item.price.id, item.quantity) for item in items if "quantity" in item] == [
        (agreed.id, 2)
    ]


def test_a_card_that_is_declined_changes_nothing(office: Office) -> None:
    team = office.team()
    subscription = office.subscribe(team, "solo")
    before = office.truth(team)
    office.sandbox.fail_next_payment(office.customer(team), times=9)
    with pytest.raises(Problem) as error:
        office.change(team, "pro")
    assert problem(error) == (402, "payment-failed")
    assert "declined" in error.value.sentence
    after = office.truth(team)
    assert after["subscriptions"] == before["subscriptions"]
    assert after["invoices"] == before["invoices"]
    assert list(keys(office, subscription.id)) == [
        NAMES.price(NAMES.product("plan", "solo"), "usd", "month")
    ]


def test_a_bank_that_asks_is_answered_on_the_invoice(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "solo", number=ASKS)
    before = charged(office, team)
    shown = office.preview(team, "pro")
    address = office.change(team, "pro")
    billing = office.billing(team)
    assert (billing.plan, billing.standing) == ("pro", "grace")
    # Whoever changed it by the API learns it there, without waiting for news.
    assert billing.subscription
    assert billing.subscription.pay_at == address
    office.sandbox.pay(str(address), number=ASKS)
    office.hear(team)
    assert office.billing(team).standing == "active"
    assert charged(office, team) - before == shown.due_now.amount


def test_a_downgrade_needs_no_card(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "pro")
    office.sandbox.fail_next_payment(office.customer(team), times=9)
    office.change(team, "solo")
    assert office.billing(team).plan == "solo"


def test_a_team_that_does_not_fit_is_told_so(office: Office) -> None:
    team = office.team(members=3)
    office.subscribe(team, "pro")
    for act in (office.change, office.preview):
        with pytest.raises(Problem) as error:
            act(team, "solo")
        assert problem(error) == (402, "limit-reached")
        assert "3" in error.value.sentence


def test_what_is_owed_is_paid_first(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "solo")
    office.sandbox.fail_next_payment(office.customer(team), times=1)
    office.sandbox.advance(days=32)
    office.hear(team)
    assert office.billing(team).standing == "grace"
    with pytest.raises(Problem) as error:
        office.change(team, "pro")
    assert problem(error) == (409, "payment-due")
    with pytest.raises(Problem) as again:
        office.start(team, "pro")
    assert problem(again) == (409, "payment-due")
    billing = office.billing(team)
    assert billing.subscription
    address = error.value.extra["pay_at"]
    assert billing.subscription.pay_at == address
    office.sandbox.pay(address)
    office.change(team, "pro")
    assert office.billing(team).plan == "pro"


def test_a_trial_goes_on_where_there_are_trials(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "pro", trial=True)
    shown = office.preview(team, "pro", "year")
    office.change(team, "pro", "year")
    assert (shown.due_now.amount, shown.ends_trial) == (0, False)
    billing = office.billing(team)
    assert billing.standing == "trial"
    assert billing.until == shown.renews_at
    assert charged(office, team) == 0


def test_a_trial_ends_with_a_plan_that_has_none(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "pro", trial=True)
    shown = office.preview(team, "solo")
    assert (shown.due_now, shown.ends_trial) == (Money(900, "usd"), True)
    assert charged(office, team) == 0
    office.change(team, "solo")
    assert charged(office, team) == 900
    assert office.billing(team).standing == "active"


def test_whoever_leaves_takes_that_back_before_changing(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "solo")
    office.cancel(team)
    office.cancel(team)
    billing = office.billing(team)
    assert billing.subscription
    assert billing.subscription.cancel_at == billing.subscription.current_period_end
    with pytest.raises(Problem) as error:
        office.change(team, "pro")
    assert problem(error) == (409, "ending")
    office.resume(team)
    office.resume(team)
    office.change(team, "pro")
    billing = office.billing(team)
    assert billing.subscription
    assert (billing.plan, billing.subscription.cancel_at) == ("pro", None)


def test_whoever_has_nothing_has_nothing_to_change(office: Office) -> None:
    never, ended = office.team(), office.team()
    subscription = office.subscribe(ended, "solo")
    office.client.v1.subscriptions.cancel(subscription.id)
    for team in (never, ended):
        for act in (office.cancel, office.resume, partial(office.change, plan="pro")):
            with pytest.raises(Problem) as error:
                act(team)
            assert problem(error) == (409, "no-subscription")
    with pytest.raises(Problem) as error:
        office.portal(never)
    assert problem(error) == (409, "no-subscription")


def test_the_portal_shows_cards_and_invoices(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "solo")
    for page in ("everything", "card"):
        office.sandbox.in_portal(office.portal(team, page), "card", number="4242424242424242")
    assert len(office.truth(team)["payment_methods"]) == 3


def test_what_was_used_is_billed_when_the_interval_changes(office: Office) -> None:
    """What Stripe knows at the old price, and what it does not know yet in the new period."""
    team = office.team()
    office.subscribe(team, "pro")
    office.use(team, 300)
    assert office.report_usage() == 1
    office.sandbox.advance(days=1)
    # One of them is in a report, of which Stripe was not told yet.
    for quantity in (100, 150):
        office.use(team, quantity)
        office.rows(
            "UPDATE billing_usage SET occurred_at = occurred_at - interval '5 minutes'"
            " WHERE report_id IS NULL"
        )
        if quantity == 100:
            with office.shop() as shop:
                assert collect(shop.execute, datetime.now(UTC)) == 1
    shown = office.preview(team, "pro", "year")
    before = charged(office, team)
    office.change(team, "pro", "year")
    # A hundred are included; the rest costs half a cent each.
    assert charged(office, team) - before == shown.due_now.amount
    assert shown.due_now.amount == pytest.approx(29_000 - 2_900 * 29.5 / 30.5 + 100, abs=5)
    assert office.report_usage() == 2
    office.sandbox.advance(days=366)
    (last,) = [
        each for each in office.truth(team)["invoices"] if each["billing_reason"].endswith("cycle")
    ]
    assert 75 in [line["amount"] for line in last["lines"]["data"]]


def test_what_was_used_is_billed_after_a_change_to_a_plan_without_it(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "pro")
    office.use(team, 300)
    office.change(team, "solo")
    office.use(team, 5_000)  # costs nothing any more
    assert office.report_usage() == 1
    office.sandbox.advance(days=32)
    (last,) = [
        each for each in office.truth(team)["invoices"] if each["billing_reason"].endswith("cycle")
    ]
    assert sorted(line["amount"] for line in last["lines"]["data"]) == [100, 900]
