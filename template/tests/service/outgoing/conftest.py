"""A team with a webhook."""

import pytest

from core.outgoing import desk
from core.outgoing.schemas import MadeWebhook, NewWebhook
from tests.service.conftest import execute_on
from tests.service.teams.conftest import Acme, acme

__all__ = ["acme"]

URL = "https://hooks.example.com/in"


@pytest.fixture
def made(acme: Acme) -> MadeWebhook:
    """A webhook of the team, with its secret."""
    return desk.create_webhook(execute_on(acme.database), acme.id, NewWebhook(url=URL))


def send(acme: Acme, webhook: int) -> int:
    """A delivery that waits."""
    return desk.send_test(execute_on(acme.database), acme.id, webhook, "webhook.test").id
