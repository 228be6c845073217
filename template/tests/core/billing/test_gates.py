"""Who is refused for the plan's sake is told which plans have more."""

import pytest

from core.billing import gates
from core.billing.entitlements import Entitlements, Standing
from core.billing.gates import require_seat
from core.problems import Problem
from tests.core.billing.catalog import CATALOG, FREE, PRO


def entitled(plan: str) -> Entitlements:
    return Entitlements(CATALOG.plan(plan), Standing.ACTIVE)


@pytest.mark.parametrize(
    ("plan", "taken", "larger", "words"),
    [
        ("free", 2, ["pro"], "The plan Free has room for 2 members. Pro has room for more."),
        ("solo", 1, ["free", "pro"], "for 1 member. Free and Pro have room for more."),
        # More than there may be, as after a change to a smaller plan.
        ("free", 30, [], "The plan Free has room for 2 members."),
        ("pro", 20, [], "The plan Pro has room for 20 members."),
    ],
)
def test_who_finds_no_seat_hears_of_plans_with_more(
    monkeypatch: pytest.MonkeyPatch, plan: str, taken: int, larger: list[str], words: str
) -> None:
    monkeypatch.setattr(gates, "CATALOG", CATALOG)
    with pytest.raises(Problem) as refused:
        require_seat(entitled(plan), taken)
    problem = refused.value
    assert (problem.status, problem.kind) == (402, "limit-reached")
    most = CATALOG.plan(plan).seat_limit
    assert problem.extra == {"limit": "seats", "most": most, "plans": larger}
    assert problem.sentence.endswith(words)


def test_a_seat_that_is_free_is_given() -> None:
    require_seat(entitled("free"), (FREE.seat_limit or 0) - 1)
    require_seat(entitled("pro"), (PRO.seat_limit or 0) - 1)
