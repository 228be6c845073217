"""Plans that contradict themselves are found when they are written down."""

from dataclasses import replace
from typing import Any

import pytest

from core.billing.catalog import CATALOG as OWN_CATALOG
from core.billing.plans import BadCatalog, Catalog, Metered, OneTime, Price
from core.billing.seats import desired_quantity, fits, has_room
from tests.core.billing.catalog import CATALOG, FREE, NAMES, PRO, SOLO


def test_your_plans_are_plans() -> None:
    assert OWN_CATALOG.free.is_free


@pytest.mark.parametrize(
    "wrong",
    [
        {"plans": (PRO,)},
        {"plans": (FREE, replace(FREE, code="free-too"))},
        {"plans": (FREE, PRO, PRO)},
        {"plans": (FREE, replace(PRO, code="Pro!"))},
        {"plans": (FREE, replace(PRO, code="a" * 41))},
        {"plans": (FREE, replace(PRO, prices=(*PRO.prices, PRO.prices[0])))},
        {"plans": (FREE, replace(PRO, prices=(*PRO.prices, Price("year", "jpy", 1))))},
        {"plans": (FREE, replace(PRO, prices=(Price("month", "usd", 0),)))},
        {"plans": (FREE, replace(PRO, prices=(Price("month", "usd", -1),)))},
        {"plans": (FREE, replace(PRO, prices=(Price("week", "usd", 1),)))},  # type: ignore[arg-type]
        {"plans": (FREE, replace(PRO, max_seats=2))},
        {"plans": (FREE, replace(PRO, included_seats=0))},
        {"plans": (FREE, replace(PRO, trial_days=-1))},
        {"plans": (FREE, replace(PRO, metered=("unknown",)))},
        {"plans": (replace(FREE, trial_days=1), PRO)},
        {"plans": (FREE,), "metered": (Metered("calls", "Calls", {"usd": "-1"}),)},
        {"plans": (FREE,), "metered": (Metered("calls", "Calls", {"usd": "much"}),)},
        {"plans": (FREE,), "one_time": (OneTime("setup", "Setup", {"usd": 0}),)},
    ],
)
def test_a_contradiction_is_found(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadCatalog):
        Catalog(**{"metered": CATALOG.metered, **wrong})


def test_a_currency_is_written_in_small_letters() -> None:
    with pytest.raises(ValueError, match="small letters"):
        Catalog((FREE, replace(PRO, metered=(), prices=(Price("month", "USD", 1),))))


def test_plans_and_prices_are_found_by_code() -> None:
    assert CATALOG.plan("pro") is PRO
    assert PRO.price("month", "jpy").amount == 3000
    assert CATALOG.currencies == ("usd", "jpy")
    assert CATALOG.metered_of(PRO) == CATALOG.metered
    assert CATALOG.metered_of(SOLO) == ()
    assert CATALOG.upgrades("export") == (SOLO, PRO)
    for missing in (
        lambda: CATALOG.plan("gold"),
        lambda: PRO.price("year", "jpy"),
        lambda: CATALOG.one_time_purchase("gold"),
    ):
        with pytest.raises(LookupError):
            missing()


def test_names_at_stripe_tell_the_plan() -> None:
    product = NAMES.product("plan", "pro")
    assert product == "acme-plan-pro"
    assert NAMES.plan_code(product) == "pro"
    assert NAMES.plan_code("acme-usage-pro") is None
    assert NAMES.plan_code("other-plan-pro") is None
    assert NAMES.plan_price(PRO, PRO.prices[0]) == "acme-plan-pro-month-usd"


@pytest.mark.parametrize(("seats", "total"), [(1, 2900), (3, 2900), (4, 3800), (10, 9200)])
def test_extra_seats_cost_extra(seats: int, total: int) -> None:
    assert PRO.prices[0].total(seats, PRO.included_seats).amount == total


def test_seats_are_a_count_of_members() -> None:
    assert [desired_quantity(PRO, members) for members in (0, 1, 3, 7)] == [1, 1, 3, 7]
    assert [desired_quantity(SOLO, members) for members in (0, 1, 7)] == [1, 1, 1]
    assert [has_room(PRO, members) for members in (19, 20)] == [True, False]
    assert [fits(PRO, members) for members in (20, 21)] == [True, False]
    assert (has_room(SOLO, 0), has_room(SOLO, 1), fits(SOLO, 1)) == (True, False, True)
    assert has_room(replace(PRO, max_seats=None), 10**6)
