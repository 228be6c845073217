"""What every page says while a team's plan is at risk."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.web.billing.pages.conftest import browser_of, text_of
from tests.web.plan import give_everything
from web.accounts.models import User
from web.billing.models import Subscription
from web.teams.models import Team

PAGE = "/dashboard/"
NOTICE = 'aria-label="Plan of your team"'


@pytest.mark.parametrize("status", ["", "active", "canceled"])
def test_there_is_none_while_all_is_well(owner: User, team: Team, status: str) -> None:
    if status:
        give_everything(team)
        Subscription.objects.update(status=status)
    assert NOTICE not in text_of(browser_of(owner, team), PAGE)


def test_a_trial_is_for_those_to_know_who_can_subscribe(
    owner: User, member: User, team: Team
) -> None:
    give_everything(team)
    Subscription.objects.update(status="trialing", trial_end=timezone.now() + timedelta(days=3))
    assert "<strong>Trial.</strong>" in text_of(browser_of(owner, team), PAGE)
    assert NOTICE not in text_of(browser_of(member, team), PAGE)


def test_a_failed_payment_is_told_to_everybody(owner: User, member: User, team: Team) -> None:
    give_everything(team)
    Subscription.objects.update(status="past_due", past_due_since=timezone.now())
    for user in (owner, member):
        assert "A payment failed." in text_of(browser_of(user, team), PAGE)
    Subscription.objects.update(past_due_since=timezone.now() - timedelta(days=400))
    page = text_of(browser_of(owner, team), PAGE)
    assert "The subscription is not paid." in page
    assert f"/teams/{team.pk}/billing/" in page
    assert f"/teams/{team.pk}/billing/" not in text_of(browser_of(member, team), PAGE)
