"""What our tables hold of objects that the sandbox does not make so."""

from typing import Any

import pytest
import stripe

from core.billing.customers import running
from core.billing.mirror import ended_at


@pytest.mark.parametrize(
    ("status", "told", "canceled", "ended"),
    [
        ("canceled", 7, 5, 7),
        ("incomplete_expired", None, None, 3),
        ("canceled", None, 5, 5),
        ("active", None, None, None),
        ("past_due", None, 5, None),
    ],
)
def test_what_is_over_has_ended_whether_a_moment_is_told_or_not(
    status: str, told: int | None, canceled: int | None, ended: int | None
) -> None:
    values: Any = {
        "id": "sub_1",
        "object": "subscription",
        "status": status,
        "created": 3,
        "canceled_at": canceled,
        "ended_at": told,
    }
    subscription = stripe.Subscription.construct_from(values, None)
    assert ended_at(subscription) == ended
    assert (running([subscription]) is None) == (ended is not None)
