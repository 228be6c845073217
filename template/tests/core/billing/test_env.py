"""Keys that cannot work stop the start, by name and without being shown."""

from typing import Any

import pytest
from pydantic import ValidationError

from core.billing.env import BillingSettings


def test_without_a_key_nothing_is_sold() -> None:
    assert not BillingSettings().sells


def test_the_key_tells_the_mode() -> None:
    def is_live(key: str) -> bool:
        given: Any = {"stripe_secret_key": key, "stripe_webhook_secret": "whsec_x"}
        return BillingSettings(**given).is_live

    keys = ("sk_test_x", "rk_test_x", "sk_live_x", "rk_live_x")
    assert [is_live(key) for key in keys] == [False, False, True, True]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"stripe_secret_key": "pk_test_x"}, "STRIPE_SECRET_KEY"),
        ({"stripe_secret_key": "sk_test_x"}, "STRIPE_WEBHOOK_SECRET"),
        (
            {"stripe_secret_key": "sk_test_x", "stripe_webhook_secret": "sk_test_y"},
            "STRIPE_WEBHOOK_SECRET",
        ),
        (
            {
                "stripe_secret_key": "sk_live_x",
                "stripe_webhook_secret": "whsec_x",
                "stripe_api_base": "http://localhost:8000/dev/stripe",
            },
            "STRIPE_API_BASE",
        ),
        ({"billing_grace_days": -1}, "billing_grace_days"),
    ],
)
def test_what_cannot_work_is_named(given: Any, name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        BillingSettings(**given)
