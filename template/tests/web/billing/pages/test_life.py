"""A team's subscription on the pages, from the first price to the last day."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.billing.catalog import CATALOG
from tests.web.billing.pages.conftest import Till, browser_of, text_of
from tests.web.conftest import make_user
from web.accounts.models import User
from web.billing.models import Customer, Purchase, Subscription
from web.billing.offers import price_of
from web.teams.models import Team

PAID = [plan for plan in CATALOG.plans if not plan.is_free]
PLAN = PAID[0]
PRICE = PLAN.prices[0]
OTHERS = [plan for plan in PAID[1:] if price_of(plan, PRICE.interval, PRICE.currency)]
WANTED = {"plan": PLAN.code, "interval": PRICE.interval, "currency": PRICE.currency}


@pytest.fixture
def browser(owner: User, team: Team) -> Client:
    """The owner's, who works for the team."""
    return browser_of(owner, team)


@pytest.fixture
def subscribed(browser: Client, team: Team, stripe: Till) -> Till:
    """The team has the first plan that costs something."""
    stripe.sandbox.pay(way_out(browser.post(page("start_checkout", team), WANTED)))
    stripe.tell()
    return stripe


def page(name: str, team: Team) -> str:
    """The address of a page of a team."""
    return reverse(name, args=[team.pk])


def way_out(answer: Any) -> str:
    """Where a page leads that is on its way to Stripe; the strict policy stays as it is."""
    assert answer.status_code == 200
    assert "form-action 'self'" in answer["Content-Security-Policy"]
    (found,) = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.content.decode())
    return unescape(found)


def local(address: str) -> str:
    """An address of ours as the test's browser asks for it."""
    return re.sub(r"^https?://[^/]+", "", address)


def test_who_has_paid_waits_for_the_news_and_goes_on(
    browser: Client, team: Team, stripe: Till
) -> None:
    way = way_out(browser.post(page("start_checkout", team), WANTED))
    back = local(stripe.sandbox.pay(way))
    waiting = text_of(browser, back)
    assert '<noscript><meta http-equiv="refresh"' in waiting
    (state,) = re.findall(r'data-checkout="([^"]+)"', waiting)
    assert browser.get(state).json() == {"status": "processing"}
    stripe.tell()
    assert browser.get(state).json() == {"status": "complete"}
    answer = browser.get(back)
    assert (answer.status_code, answer["Location"]) == (302, page("billing", team))
    shown = text_of(browser, page("billing", team))
    assert PLAN.name in shown
    assert str(PRICE.total(1, PLAN.included_seats)) in shown


def test_the_page_does_not_ask_for_ever(browser: Client, team: Team, stripe: Till) -> None:
    way = way_out(browser.post(page("start_checkout", team), WANTED))
    back = local(stripe.sandbox.pay(way))
    for tries in ("12", "999", "x"):
        assert "http-equiv" in text_of(browser, f"{back}&tries={tries}")
    late = text_of(browser, f"{back}&tries=13")
    assert "http-equiv" not in late
    assert "longer than usual" in late


def test_who_turns_back_has_bought_nothing(browser: Client, team: Team, stripe: Till) -> None:
    way = way_out(browser.post(page("start_checkout", team), WANTED))
    assert local(stripe.sandbox.go_back(way)) == reverse("pricing")
    stripe.tell()
    assert not Subscription.objects.exists()


def test_a_checkout_is_shown_to_its_own_team_alone(
    browser: Client, team: Team, stripe: Till
) -> None:
    way = way_out(browser.post(page("start_checkout", team), WANTED))
    back = local(stripe.sandbox.pay(way))
    eve = make_user("eve@example.com")
    others = Team.objects.create_for(eve, "Others")
    hers = browser_of(eve, others)
    hers.post(page("start_checkout", others), WANTED)
    assert hers.get(back).status_code == 404
    assert hers.get(back.replace(f"/{team.pk}/", f"/{others.pk}/")).status_code == 404
    assert Client().get(back).status_code == 302
    assert hers.get(page("checkout_return", others)).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [{"plan": CATALOG.free.code}, {"plan": "none"}, {"currency": "xxx"}, {"interval": ""}],
)
def test_what_is_not_sold_cannot_be_posted(
    browser: Client, team: Team, stripe: Till, changes: dict[str, str]
) -> None:
    answer = browser.post(page("start_checkout", team), {**WANTED, **changes})
    assert answer.status_code == 302
    assert not Customer.objects.exists()


def test_nobody_subscribes_twice(browser: Client, team: Team, subscribed: Till) -> None:
    answer = browser.post(page("start_checkout", team), WANTED, follow=True)
    assert "It has a subscription already." in answer.content.decode()
    assert len(subscribed.sandbox.truth(Customer.objects.get().stripe_id)["subscriptions"]) == 1


@pytest.mark.skipif(not OTHERS, reason="there is one plan alone")
def test_another_plan_says_what_it_costs_before(
    browser: Client, team: Team, subscribed: Till
) -> None:
    other = OTHERS[0]
    change = page("change_plan", team)
    asked = {"plan": other.code, "interval": PRICE.interval}
    shown = browser.get(change, asked).content.decode()
    price = other.price(PRICE.interval, PRICE.currency)
    assert f"{price.total(1, other.included_seats)} per {PRICE.interval}" in shown
    assert Subscription.objects.get().plan == PLAN.code
    answer = browser.post(change, asked, follow=True)
    assert f"Acme has {other.name} now." in unescape(answer.content.decode())
    assert Subscription.objects.get().plan == other.code
    assert text_of(browser, reverse("pricing")).count("Your plan") == 1


def test_a_plan_that_does_not_exist_is_not_changed_to(
    browser: Client, team: Team, subscribed: Till
) -> None:
    asked = {"plan": CATALOG.free.code, "interval": "month"}
    for send in (browser.get, browser.post):
        assert send(page("change_plan", team), asked)["Location"] == reverse("pricing")
    assert Subscription.objects.get().plan == PLAN.code


def test_a_subscription_ends_with_its_period_unless_that_is_taken_back(
    browser: Client, team: Team, subscribed: Till
) -> None:
    cancel = page("cancel_subscription", team)
    assert "Cancel the subscription" in text_of(browser, cancel)
    assert Subscription.objects.get().cancel_at is None
    browser.post(cancel)
    assert Subscription.objects.get().cancel_at is not None
    assert "It ends on" in text_of(browser, page("billing", team))
    assert browser.get(cancel)["Location"] == page("billing", team)
    browser.post(page("resume_subscription", team))
    assert Subscription.objects.get().cancel_at is None


def test_a_failed_payment_leads_to_the_invoice(
    browser: Client, team: Team, subscribed: Till
) -> None:
    sandbox = subscribed.sandbox
    sandbox.fail_next_payment(Customer.objects.get().stripe_id)
    sandbox.advance(days=PLAN.trial_days or 366)
    sandbox.advance(seconds=3700)
    subscribed.tell()
    assert Subscription.objects.get().status == "past_due"
    shown = text_of(browser, page("billing", team))
    (way,) = re.findall(r'<a href="([^"]+)" class="button">Pay the invoice</a>', shown)
    assert "tried again on" in shown
    sandbox.pay(unescape(way))
    subscribed.tell()
    assert "Pay the invoice" not in text_of(browser, page("billing", team))
    assert Subscription.objects.get().status == "active"


def test_the_portal_is_reached_and_leads_back(
    browser: Client, team: Team, subscribed: Till
) -> None:
    for form in ({}, {"card": ""}):
        way = way_out(browser.post(page("open_portal", team), form))
        assert way.startswith(subscribed.sandbox.url)


@pytest.mark.skipif(not CATALOG.one_time, reason="nothing is sold once")
def test_something_is_bought_once(browser: Client, team: Team, stripe: Till) -> None:
    once = CATALOG.one_time[0]
    currency = next(iter(once.amounts))
    asked = {"code": once.code, "currency": currency}
    back = local(stripe.sandbox.pay(way_out(browser.post(page("start_purchase", team), asked))))
    stripe.tell()
    assert browser.get(back)["Location"] == page("billing", team)
    assert Purchase.objects.get().code == once.code
    assert once.name in text_of(browser, page("billing", team))
    assert not Subscription.objects.exists()


def test_all_invoices_are_a_page_of_their_own(
    browser: Client, team: Team, subscribed: Till
) -> None:
    for _ in range(7):
        subscribed.sandbox.advance(days=31)
    subscribed.tell()
    assert page("billing_invoices", team) in text_of(browser, page("billing", team))
    assert "Invoices of your team" in text_of(browser, page("billing_invoices", team))


def test_an_outage_of_stripe_is_said_and_changes_nothing(
    browser: Client, team: Team, subscribed: Till
) -> None:
    subscribed.sandbox.fail_next_requests(*[500] * 20)
    answer = browser.post(page("cancel_subscription", team), follow=True)
    assert "Stripe does not answer now." in answer.content.decode()
    assert Subscription.objects.get().cancel_at is None


def test_where_nothing_is_sold_the_prices_are_shown(browser: Client, team: Team) -> None:
    shown = text_of(browser, reverse("pricing"))
    assert "Nothing can be bought here yet." in shown
    assert page("start_checkout", team) not in shown
