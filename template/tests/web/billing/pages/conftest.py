"""A team that may pay, and the people in it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.test import Client
from pydantic import SecretStr

from core import env
from core.billing.catalog import CATALOG
from core.billing.handle import handle
from core.billing.plans import Names
from core.billing.stripe_client import make_client
from core.billing.sync import Sync
from core.project import project
from core.teams.roles import Role
from sandbox.stripe.thread import RunningStripe, start
from tests.web.conftest import make_user
from web.accounts.models import User
from web.queue import CurrentTransaction
from web.teams.models import Membership, Team
from web.teams.request import SESSION_KEY


@dataclass
class Till:
    """The sandbox, whose news come when the test lets them."""

    sandbox: RunningStripe
    heard: set[str] = field(default_factory=set)

    def tell(self) -> None:
        """Handle the news that were not heard yet."""
        client = self.sandbox.client()
        for event in self.sandbox.events():
            if event["id"] not in self.heard:
                self.heard.add(event["id"])
                handle(CurrentTransaction().execute, client, json.dumps(event))


@pytest.fixture
def owner(db: None) -> User:
    """Who made the team."""
    return make_user("owner@example.com", name="Olive")


@pytest.fixture
def team(owner: User) -> Team:
    """A team of one, which has the free plan."""
    return Team.objects.create_for(owner, "Acme")


@pytest.fixture
def member(team: Team) -> User:
    """A member of the team."""
    user = make_user("member@example.com", name="Max")
    Membership.objects.create(team=team, user=user, role=Role.MEMBER)
    return user


def browser_of(user: User, team: Team) -> Client:
    """A browser in which somebody is signed in and has chosen the team."""
    browser = Client()
    browser.force_login(user)
    session = browser.session
    session[SESSION_KEY] = team.pk
    session.save()
    return browser


def text_of(browser: Client, address: str) -> str:
    """What a page says."""
    answer = browser.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture(scope="package")
def sold() -> Iterator[RunningStripe]:
    """A sandbox that knows your plans, and nobody."""
    with start() as sandbox:
        Sync(sandbox.client(), CATALOG, Names(project.slug)).run()
        yield sandbox


@pytest.fixture
def stripe(sold: RunningStripe, monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    """A sandbox of the test's own, which the project takes for Stripe."""
    with start(like=sold) as sandbox:
        found = {
            "stripe_secret_key": SecretStr(sandbox.secret_key),
            "stripe_webhook_secret": SecretStr(sandbox.webhook_secret),
            "stripe_api_base": sandbox.url,
        }
        settings = env.get_settings().model_copy(update=found)
        monkeypatch.setattr(env, "_load", lambda: settings)
        yield Till(sandbox)
    make_client.cache_clear()
