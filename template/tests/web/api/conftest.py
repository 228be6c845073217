"""Callers of the API."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.teams.roles import Scope
from core.tokens import digest, new_token
from tests.web.conftest import make_user
from web.accounts.models import AccessToken, User
from web.teams.models import Team

V1 = "/api/v1"


class Caller:
    """Somebody with a bearer token."""

    def __init__(self, token: str) -> None:
        self.client = Client(
            headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False
        )

    def __call__(self, method: str, path: str, body: Any = "", **headers: str) -> Any:
        """Send a request; `_` in the name of a header stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content_type = named.pop("Content-Type", "application/json")
        return self.client.generic(
            method, V1 + path, encoded(body), content_type=content_type, headers=named
        )


def encoded(body: Any) -> str | bytes:
    """A body as it is sent."""
    return body if isinstance(body, str | bytes) else json.dumps(body)


def token_of(user: User) -> str:
    """A bearer token of a person."""
    text = new_token("session")
    expires_at = timezone.now() + timedelta(hours=1)
    kind = AccessToken.Kind.SESSION
    AccessToken.objects.create(user=user, kind=kind, digest=digest(text), expires_at=expires_at)
    return text


@pytest.fixture
def owner(db: None) -> User:
    """Who made the team."""
    return make_user("owner@example.com", name="Olive")


@pytest.fixture
def team(owner: User) -> Team:
    """A team of one."""
    return Team.objects.create_for(owner, "Acme")


@pytest.fixture
def call(owner: User) -> Caller:
    """The owner of the team."""
    return Caller(token_of(owner))


@pytest.fixture
def key(team: Team, owner: User) -> Caller:
    """A program with a key of the team that may do everything a key may."""
    return Caller(team.make_api_key(owner, "Deployment", list(Scope))[0])
