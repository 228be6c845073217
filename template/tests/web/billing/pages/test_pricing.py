"""The pricing page: what everybody sees, and who is offered what."""

import pytest
from django.test import Client

from core.billing.catalog import CATALOG
from tests.core.billing.catalog import CATALOG as SHOP
from tests.web.billing.pages.conftest import browser_of, text_of
from tests.web.plan import give_everything
from web.accounts.models import User
from web.billing.models import Subscription
from web.billing.offers import offers, price_of, unit_price
from web.teams.models import Team


def test_a_stranger_sees_every_plan_and_its_price(client: Client, db: None) -> None:
    page = text_of(client, "/pricing/")
    for plan in CATALOG.plans:
        assert plan.name in page
    assert str(CATALOG.plans[-1].price("month", CATALOG.currencies[0]).money) in page
    assert "Your plan" not in page


def test_the_interval_and_the_currency_are_a_part_of_the_address(client: Client, db: None) -> None:
    for interval in ("month", "year"):
        for currency in CATALOG.currencies:
            page = text_of(client, f"/pricing/?interval={interval}&currency={currency}")
            for plan in CATALOG.plans:
                price = price_of(plan, interval, currency)
                assert price is None or f">{price.money}<" in page


@pytest.mark.parametrize("query", ["interval=week", "currency=xxx", "interval=&currency=%00"])
def test_what_is_not_sold_shows_what_is(client: Client, db: None, query: str) -> None:
    assert text_of(client, f"/pricing/?{query}") == text_of(client, "/pricing/")


def test_a_subscription_keeps_its_currency_and_its_interval(owner: User, team: Team) -> None:
    give_everything(team)
    Subscription.objects.update(currency=CATALOG.currencies[-1], interval="year")
    page = text_of(browser_of(owner, team), f"/pricing/?currency={CATALOG.currencies[0]}")
    price = CATALOG.plans[-1].price("year", CATALOG.currencies[-1])
    assert f">{price.money}<" in page
    assert 'aria-label="Currency"' not in page


def test_members_are_told_who_chooses(member: User, team: Team) -> None:
    page = text_of(browser_of(member, team), "/pricing/")
    assert "Owners and admins choose the plan of Acme" in page
    assert f"/teams/{team.pk}/billing/" not in page


def test_a_year_says_what_it_saves() -> None:
    (pro,) = (each for each in offers("year", "usd", may_try=True, catalog=SHOP) if each.price)
    assert (pro.plan.code, str(pro.saved)) == ("pro", "$58")
    assert {each.saved for each in offers("month", "usd", may_try=True, catalog=SHOP)} == {None}


def test_whoever_had_a_subscription_is_offered_no_trial() -> None:
    for may_try, days in ((True, [0, 0, 14]), (False, [0, 0, 0])):
        shown = offers("month", "usd", may_try=may_try, catalog=SHOP)
        assert [each.trial for each in shown] == days


def test_an_offer_says_all_that_a_plan_has() -> None:
    free, solo, pro = offers("month", "usd", may_try=True, catalog=SHOP)
    assert free.lines == ("Up to 2 members", "1 projects")
    assert solo.lines[:2] == ("Up to 1 member", "Any number of projects")
    assert pro.lines[0] == "3 members, then $9 per month for each, up to 20"
    assert pro.lines[-1] == "100 calls per month, then $0.005 each"
    (yen,) = (each for each in offers("month", "jpy", may_try=True, catalog=SHOP) if each.price)
    assert yen.lines[-1] == "100 calls per month, then ¥1 each"


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [("0.5", "usd", "$0.005"), ("200", "eur", "€2"), ("0.25", "jpy", "¥0.25"), ("12", "chf", "")],
)
def test_a_unit_may_cost_a_part_of_the_smallest_coin(
    amount: str, currency: str, shown: str
) -> None:
    assert unit_price(amount, currency) == (shown or "0.12 CHF")
