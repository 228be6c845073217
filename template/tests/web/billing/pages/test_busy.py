"""When Stripe is slow, those who wait for it do not keep the process from everybody else."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.urls import reverse

from core.api.limits import Budget
from core.billing.catalog import CATALOG
from tests.web.billing.pages.conftest import Till, browser_of
from tests.web.billing.pages.test_life import WANTED, way_out
from web.accounts.models import User
from web.billing import desk
from web.billing.cost import cost_of
from web.billing.models import Customer, Subscription
from web.teams.models import Team


@pytest.fixture
def busy() -> Iterator[ExitStack]:
    """As many as may wait for Stripe do; once it is closed, they are through."""
    with ExitStack() as waiting:
        while desk.AT_ONCE.acquire(blocking=False):
            waiting.callback(desk.AT_ONCE.release)
        yield waiting


def test_who_comes_when_enough_wait_is_told_so_at_once(
    owner: User, team: Team, stripe: Till, busy: ExitStack
) -> None:
    browser, way = browser_of(owner, team), reverse("start_checkout", args=[team.pk])
    answer = browser.post(way, WANTED, follow=True)
    assert "Too many people are paying this moment." in answer.content.decode()
    assert not Customer.objects.exists()
    busy.close()
    # Who is refused goes, too.
    for _ in range(5):
        browser.post(reverse("cancel_subscription", args=[team.pk]))
    assert way_out(browser.post(way, WANTED))


def test_a_team_starts_only_so_many_checkouts(
    owner: User, team: Team, stripe: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "CHECKOUTS", Budget("few-checkouts", amount=1, seconds=3600))
    browser, way = browser_of(owner, team), reverse("start_checkout", args=[team.pk])
    assert way_out(browser.post(way, WANTED))
    assert browser.post(way, WANTED)["Location"] == reverse("pricing")
    once = {"code": CATALOG.one_time[0].code, "currency": next(iter(CATALOG.one_time[0].amounts))}
    answer = browser.post(reverse("start_purchase", args=[team.pk]), once)
    assert answer["Location"] == reverse("billing", args=[team.pk])


def test_a_page_does_without_a_price_that_it_would_wait_for(stripe: Till, busy: ExitStack) -> None:
    (price,) = stripe.sandbox.client().v1.prices.list({"limit": 1, "type": "recurring"}).data
    subscription = Subscription(price_id=price.id, quantity=1, currency=price.currency)
    assert cost_of(subscription) is None
    busy.close()
    assert cost_of(subscription) is not None
