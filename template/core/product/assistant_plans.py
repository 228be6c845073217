"""Yours: what each plan of `plans.py` allows of the assistant, and what its tokens cost.

A plan's own `limits` go before these. `uv run just billing-sync` tells Stripe of the price.
"""

from core.billing.additions import Addition
from core.billing.plans import Metered

ASSISTANT = Addition(
    # Tokens in a month, of questions and answers together, and answers that are written at once;
    # what is not named has no limit.
    limits={
        "free": {"tokens": 50_000, "streams": 2},
        "pro": {"tokens": 5_000_000, "streams": 10},
        "business": {"streams": 50},
    },
    # Any other plan.
    otherwise={"tokens": 50_000, "streams": 2},
    # A million are included, then a million costs ten dollars.
    metered=Metered(
        "tokens",
        "Tokens of the assistant",
        {"usd": "0.001", "eur": "0.001"},
        included=1_000_000,
    ),
    billed=("pro", "business"),
    words={
        "tokens": "Tokens of the assistant in a month",
        "streams": "Answers of the assistant at once",
    },
)
