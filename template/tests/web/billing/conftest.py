"""A shop, and a team that is its customer."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from tests.core.billing.shop import Shop, open_shop
from web.accounts.models import User
from web.billing.models import Customer
from web.teams.models import Team


@pytest.fixture(scope="module")
def whole_shop() -> Iterator[Shop]:
    """One shop for all tests of a file: each has customers of its own."""
    with open_shop() as shop:
        yield shop


@pytest.fixture
def shop(whole_shop: Shop) -> Shop:
    return whole_shop


@pytest.fixture
def team(user: User) -> Team:
    return Team.objects.get(personal_user=user)


@pytest.fixture
def customer(shop: Shop, team: Team) -> Customer:
    """The team as a customer with a card that works."""
    return Customer.objects.create(
        team=team, stripe_id=shop.customer(), email="ann@example.com", created_at=timezone.now()
    )
