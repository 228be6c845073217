"""A sandbox whose clock stands still, and the real client, whose every answer is held against
stripe-python's annotations."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import stripe

from sandbox.stripe.thread import RunningStripe, start
from tests.sandbox.stripe.contract import check
from tests.sandbox.stripe.receiver import Receiver, receiving
from tests.sandbox.stripe.shop import Shop

# A Friday in January 2027, at nine in the morning, UTC.
NOW = 1_800_003_600


class CheckedClient(stripe.RequestsClient):
    """Refuses answers that Stripe could not have given."""

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        body, status, answered = super().request(method, url, headers, post_data)
        if status == 200:
            check(json.loads(body))
        return body, status, answered


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def sandbox(receiver: Receiver) -> Iterator[RunningStripe]:
    with start(now=NOW, webhook=receiver.url) as sandbox:
        yield sandbox
        for event in sandbox.events():
            check(event)


@pytest.fixture
def client(sandbox: RunningStripe) -> stripe.StripeClient:
    return sandbox.client(http_client=CheckedClient())


@pytest.fixture
def shop(sandbox: RunningStripe, client: stripe.StripeClient) -> Shop:
    return Shop(sandbox, client)
