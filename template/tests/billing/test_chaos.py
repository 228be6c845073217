"""Whatever happens to news and processes, the mirror ends equal and everything is done once."""

import os
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from core.billing.tasks import CollectUsage, ReconcileCustomer
from tests.billing.check import check_events, check_team
from tests.billing.walk import Walk
from tests.billing.world import World

# `BILLING_SEEDS=1-200 BILLING_STEPS=80 pytest tests/billing/test_chaos.py -s` looks for more.
FIRST, _, LAST = os.environ.get("BILLING_SEEDS", "1-1").partition("-")
STEPS = int(os.environ.get("BILLING_STEPS", "24"))
totals: Counter[str] = Counter()


@pytest.mark.parametrize("seed", range(int(FIRST), int(LAST or FIRST) + 1))
def test_all_ends_equal(empty: World, seed: int) -> None:
    walk = Walk(empty, seed)
    walk.run(STEPS)
    empty.settle()
    # What nobody was told of is found by whoever looks.
    for customer in empty.rows("SELECT id FROM billing_customer"):
        empty.enqueue(ReconcileCustomer(customer_id=customer["id"]))
    empty.settle()
    empty.enqueue(CollectUsage())
    empty.settle()
    counts = check_events(empty, walk.fate)
    for team in walk.teams:
        counts += check_team(empty, team)
    counts.update({f"death of {name}": number for name, number in walk.deaths.items()})
    counts.update({f"end of {name} by itself": number for name, number in empty.ended.items()})
    empty.ended.clear()
    totals.update(counts)
    sys.stdout.write(f"seed {seed}: {told(counts)}\n")


@pytest.fixture(scope="module", autouse=True)
def _total() -> Iterator[None]:
    """What all seeds did together."""
    yield
    sys.stdout.write(f"all: {told(totals)}\n")


def told(counts: Counter[str]) -> str:
    """Numbers for people."""
    return ", ".join(f"{number} {name}" for name, number in counts.items())
