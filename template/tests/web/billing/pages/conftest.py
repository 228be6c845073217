"""A team that may pay, and the people in it."""

import pytest
from django.test import Client

from core.teams.roles import Role
from tests.web.conftest import make_user
from web.accounts.models import User
from web.teams.models import Membership, Team
from web.teams.request import SESSION_KEY


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
