"""A team and the people around it."""

import pytest

from core.teams.roles import Role
from tests.web.conftest import make_user
from tests.web.plan import give_everything
from web.accounts.models import User
from web.teams.models import Membership, Team


@pytest.fixture
def owner(db: None) -> User:
    """Who made the team."""
    return make_user("owner@example.com", name="Olive")


@pytest.fixture
def team(owner: User) -> Team:
    """A team of one."""
    team = Team.objects.create_for(owner, "Acme")
    give_everything(team)
    return team


@pytest.fixture
def admin(team: Team) -> User:
    """An admin of the team."""
    return join(team, "admin@example.com", Role.ADMIN)


@pytest.fixture
def member(team: Team) -> User:
    """A member of the team."""
    return join(team, "member@example.com", Role.MEMBER)


@pytest.fixture
def outsider(db: None) -> User:
    """Somebody who has nothing to do with the team."""
    return make_user("outsider@example.com")


def join(team: Team, email: str, role: Role) -> User:
    """Somebody new who is in the team."""
    user = make_user(email)
    Membership.objects.create(team=team, user=user, role=role)
    return user


def roles_in(team: Team) -> dict[str, str]:
    """Who is in the team, and as what."""
    return dict(team.memberships.values_list("user__email", "role"))
