"""A team with a webhook, in its owner's browser."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.outgoing import desk
from core.outgoing.schemas import MadeWebhook, NewWebhook
from tests.web.teams.conftest import member, outsider, owner, team
from web.accounts.models import User
from web.outgoing.models import Attempt
from web.queue import CurrentTransaction
from web.teams.models import Team

__all__ = ["member", "outsider", "owner", "team"]

URL = "https://hooks.example.com/in"
execute = CurrentTransaction().execute


@dataclass
class Desk:
    """The pages of a team's webhooks."""

    browser: Client
    team: Team

    def address(self, name: str, *ids: int) -> str:
        return reverse(name, args=[self.team.pk, *ids])

    def read(self, name: str, *ids: int, **query: Any) -> str:
        """What a page shows."""
        answer = self.browser.get(self.address(name, *ids), query)
        assert answer.status_code == 200
        return str(answer.content.decode())

    def post(self, name: str, *ids: int, **form: Any) -> Any:
        """Send a form, and go where it leads."""
        return self.browser.post(self.address(name, *ids), form, follow=True)


@pytest.fixture
def pages(team: Team, owner: User) -> Desk:
    """As its owner sees them."""
    browser = Client()
    browser.force_login(owner)
    return Desk(browser, team)


@pytest.fixture
def made(team: Team) -> MadeWebhook:
    """A webhook of the team, with its secret."""
    return desk.create_webhook(execute, team.pk, NewWebhook(url=URL, description="Orders"))


def send(team: Team, webhook: int, event_type: str = "webhook.test") -> int:
    """A delivery that waits."""
    return desk.send_test(execute, team.pk, webhook, event_type).id


def answered(delivery: int, status: int | None, error: str = "", body: str = "") -> None:
    """An attempt that was made."""
    Attempt.objects.create(
        delivery_id=delivery,
        started_at="2026-01-31T12:00:00Z",
        duration_ms=84,
        request_headers={"webhook-id": "msg_sent"},
        response_status=status,
        response_headers={"server": "theirs"} if status else {},
        response_body=body,
        error=error,
    )
