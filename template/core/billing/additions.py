"""What a feature of the template adds to the plans in `core/product/plans.py`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from core.billing.plans import Catalog, Metered, Plan


@dataclass(frozen=True)
class Addition:
    """Limits and something billed by use, for plans that need not name them.

    Plans come and go, so a code here may be one that is not sold. What a plan or a catalog says
    itself goes before.
    """

    # By the code of a plan.
    limits: Mapping[str, Mapping[str, int]]
    # Of a plan that is not named there.
    otherwise: Mapping[str, int]
    metered: Metered
    # The codes of the plans that bill it.
    billed: Collection[str] = ()
    # What pages call the limits.
    words: Mapping[str, str] = field(default_factory=dict)


def with_addition(catalog: Catalog, addition: Addition) -> Catalog:
    """The catalog with what a feature adds; raises BadCatalog if they do not go together."""
    known = {each.code for each in catalog.metered}
    metered = () if addition.metered.code in known else (addition.metered,)
    return replace(
        catalog,
        plans=tuple(add_to(plan, addition) for plan in catalog.plans),
        metered=(*catalog.metered, *metered),
    )


def add_to(plan: Plan, addition: Addition) -> Plan:
    """A plan with what a feature adds to it."""
    limits = addition.limits.get(plan.code, addition.otherwise)
    bills = plan.code in addition.billed and not plan.is_free
    metered = (*plan.metered, addition.metered.code) if bills else plan.metered
    return replace(plan, limits={**limits, **plan.limits}, metered=tuple(dict.fromkeys(metered)))
