"""What a feature adds to the plans gives way to what the plans say themselves."""

from dataclasses import replace

from core.billing.additions import Addition, with_addition
from core.billing.catalog import CATALOG as OWN_CATALOG
from core.billing.catalog import WORDS
from core.billing.plans import Metered
from tests.core.billing.catalog import CATALOG, FREE, PRO, SOLO

TOKENS = Metered("tokens", "Tokens", {"usd": "0.001"}, included=1000)
ADDITION = Addition(
    limits={"free": {"tokens": 10}, "pro": {}, "gone": {"tokens": 1}},
    otherwise={"tokens": 20},
    metered=TOKENS,
    billed=("free", "pro", "gone"),
)


def test_each_plan_gets_its_limits_and_one_that_is_not_named_the_others() -> None:
    found = with_addition(CATALOG, ADDITION)
    assert found.plan(FREE.code).limits == {**FREE.limits, "tokens": 10}
    assert found.plan(SOLO.code).limits == {**SOLO.limits, "tokens": 20}
    assert found.plan(PRO.code).limits == PRO.limits


def test_only_plans_with_a_price_bill_it() -> None:
    found = with_addition(CATALOG, ADDITION)
    assert [plan.code for plan in found.plans if "tokens" in plan.metered] == [PRO.code]
    assert found.metered == (*CATALOG.metered, TOKENS)


def test_what_the_plans_say_themselves_goes_before() -> None:
    own = Metered("tokens", "Our tokens", {"usd": "9"})
    pro = replace(PRO, limits={"tokens": 7}, metered=("tokens",))
    free = replace(FREE, limits={"tokens": 3})
    found = with_addition(replace(CATALOG, plans=(free, pro), metered=(own,)), ADDITION)
    assert found.free.limits == {"tokens": 3}
    assert found.plan(PRO.code).limits == {"tokens": 7}
    assert found.plan(PRO.code).metered == ("tokens",)
    assert found.metered == (own,)


def test_every_limit_of_your_plans_has_a_word() -> None:
    assert {name for plan in OWN_CATALOG.plans for name in plan.limits} <= WORDS.keys()
