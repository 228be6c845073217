"""What a plan does not have: the page says which plans do, and who can choose one."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from core.billing.catalog import CATALOG
from core.problems import Problem
from core.product.plans import FEATURES
from core.teams.roles import VIEW_TEAM
from tests.web.billing.pages.conftest import browser_of, text_of
from tests.web.plan import give_everything
from web.accounts.models import User
from web.billing.context import billing
from web.billing.decorators import requires_feature
from web.billing.models import Subscription
from web.teams.models import Team
from web.teams.request import TeamRequest, team_permission

# What the largest plan has and the free one has not.
SOLD = sorted(CATALOG.plans[-1].features - CATALOG.free.features)
FEATURE = SOLD[0] if SOLD else ""
pytestmark = pytest.mark.skipif(not SOLD, reason="the free plan has every feature")


@team_permission(VIEW_TEAM)
@requires_feature(FEATURE)
def gated(request: TeamRequest) -> HttpResponse:
    return HttpResponse(f"{request.team} is in")


def request_of(user: User, team: Team, rf: Any) -> Any:
    request = rf.get("/")
    request.user, request.session, request.resolver_match = user, {"team_id": team.pk}, None
    return request


def test_the_decorator_lets_in_who_has_the_feature(owner: User, team: Team, rf: Any) -> None:
    with pytest.raises(Problem) as refused:
        gated(request_of(owner, team, rf))
    assert (refused.value.status, refused.value.extra["feature"]) == (402, FEATURE)
    give_everything(team)
    assert list(gated(request_of(owner, team, rf))) == [b"Acme is in"]


def test_the_tag_tells_what_a_team_may_use(owner: User, team: Team, rf: Any) -> None:
    template = Template(
        "{% load billing %}{% may_use feature as may %}{% if may %}yes{% else %}no{% endif %}"
    )

    def shown() -> str:
        context = Context({**billing(request_of(owner, team, rf)), "feature": FEATURE})
        return template.render(context)

    assert shown() == "no"
    give_everything(team)
    assert shown() == "yes"
    Subscription.objects.update(status="unpaid")
    assert shown() == "no"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> str:
    """A page of the template's own that needs the feature."""
    monkeypatch.setitem(FEATURES, "team_audit_log", FEATURE)
    return "team_audit_log"


def test_whoever_may_choose_a_plan_is_led_to_the_plans(owner: User, team: Team, gate: str) -> None:
    answer = browser_of(owner, team).get(reverse(gate, args=[team.pk]))
    assert answer.status_code == 402
    page = answer.content.decode()
    for plan in CATALOG.upgrades(FEATURE):
        assert f'<strong class="wrap-anywhere">{plan.name}</strong>' in page
    assert reverse("pricing") in page
    assert reverse("billing", args=[team.pk]) in page


def test_a_member_is_told_whom_to_ask(
    owner: User, member: User, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FEATURES, "team", FEATURE)
    answer = browser_of(member, team).get(reverse("team", args=[team.pk]))
    assert answer.status_code == 402
    page = answer.content.decode()
    assert "Ask somebody who can choose a plan for Acme: Olive." in page
    assert reverse("billing", args=[team.pk]) not in page


def test_a_gate_opens_with_the_plan(owner: User, team: Team, gate: str) -> None:
    give_everything(team)
    text_of(browser_of(owner, team), reverse(gate, args=[team.pk]))


def test_a_stranger_is_asked_to_log_in_and_not_to_pay(
    client: Client, team: Team, gate: str
) -> None:
    assert client.get(reverse(gate, args=[team.pk])).status_code == 302
