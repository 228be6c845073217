"""Yours: a team, and the people in it and around it."""

from typing import Any

import pytest
from django.test import Client

from core.teams.roles import Role
from tests.web.plan import give_everything
from web.accounts.models import User
from web.product.models import Project
from web.teams.models import Team
from web.teams.request import SESSION_KEY


@pytest.fixture
def ann(db: None) -> User:
    """The owner of the team."""
    return User.objects.create_user("ann@example.com", name="Ann <3")


@pytest.fixture
def team(ann: User) -> Team:
    """The team that everything here is about."""
    team = Team.objects.all().create_for(ann, "Acme")
    give_everything(team)
    return team


@pytest.fixture
def bob(team: Team) -> User:
    """A member of the team."""
    bob = User.objects.create_user("bob@example.com", name="Bob")
    team.memberships.create(user=bob, role=Role.MEMBER)
    return bob


@pytest.fixture
def others(db: None) -> Team:
    """Another team, which Eve owns."""
    return Team.objects.all().create_for(User.objects.create_user("eve@example.com"), "Others")


@pytest.fixture
def browser(ann: User, team: Team) -> Client:
    """Ann's browser, which works for the team."""
    return browser_of(ann, team)


def browser_of(user: User, team: Team) -> Client:
    """A browser in which somebody is signed in and has chosen the team."""
    browser = Client()
    browser.force_login(user)
    session = browser.session
    session[SESSION_KEY] = team.pk
    session.save()
    return browser


def make_project(team: Team, name: str = "Website", **fields: Any) -> Project:
    """A project of a team."""
    return Project.across_teams.bulk_create([Project(team=team, name=name, **fields)])[0]
