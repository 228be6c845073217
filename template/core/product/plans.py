"""Yours: what people can buy. `uv run just billing-sync` makes Stripe's products and prices match.

Amounts are in the currency's smallest unit: 2900 is 29 dollars, and 2900 yen. Change anything but a
`code`: a code stands in Stripe and in your database. Whoever has a plan keeps the price they chose
when you change it here.
"""

from collections.abc import Mapping

from core.billing.plans import Catalog, Metered, OneTime, Plan, Price

CATALOG = Catalog(
    plans=(
        Plan(
            code="free",
            name="Free",
            description="To look around.",
            included_seats=3,
            limits={"projects": 3},
        ),
        Plan(
            code="pro",
            name="Pro",
            description="For a team that means it.",
            trial_days=14,
            included_seats=5,
            max_seats=50,
            features=frozenset({"export"}),
            limits={"projects": 100},
            metered=("changes",),
            prices=(
                Price("month", "usd", 2900, extra_seat=900),
                Price("year", "usd", 29000, extra_seat=9000),
                Price("month", "eur", 2700, extra_seat=800),
                Price("year", "eur", 27000, extra_seat=8000),
            ),
        ),
        Plan(
            code="business",
            name="Business",
            description="For a company.",
            included_seats=20,
            features=frozenset({"export", "priority-support"}),
            metered=("changes",),
            prices=(
                Price("month", "usd", 9900, extra_seat=700),
                Price("year", "usd", 99000, extra_seat=7000),
                Price("month", "eur", 9200, extra_seat=650),
                Price("year", "eur", 92000, extra_seat=6500),
            ),
        ),
    ),
    metered=(
        # Of projects. 1,000 are included, then one costs half a cent.
        Metered("changes", "Changes", {"usd": "0.5", "eur": "0.5"}, included=1_000),
    ),
    one_time=(
        OneTime("onboarding", "Onboarding", {"usd": 49900, "eur": 46000}, "We set it up with you."),
    ),
)

# The operations of the API and the pages that need a feature, by their names.
FEATURES: Mapping[str, str] = {"export_projects": "export"}

# What the pages call features and limits.
WORDS: Mapping[str, str] = {
    "export": "Export of all projects",
    "priority-support": "Answers within a day",
    "projects": "Projects",
}
