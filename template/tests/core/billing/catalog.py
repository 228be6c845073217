"""Plans for the tests, whatever yours are."""

from core.billing.plans import Catalog, Metered, Names, OneTime, Plan, Price

FREE = Plan("free", "Free", included_seats=2, limits={"projects": 1})
PRO = Plan(
    "pro",
    "Pro",
    description="For a team.",
    trial_days=14,
    included_seats=3,
    max_seats=20,
    features=frozenset({"export"}),
    limits={"projects": 10},
    metered=("calls",),
    prices=(
        Price("month", "usd", 2900, extra_seat=900),
        Price("year", "usd", 29000, extra_seat=9000),
        Price("month", "jpy", 3000, extra_seat=900),
    ),
)
SOLO = Plan("solo", "Solo", prices=(Price("month", "usd", 900),), features=frozenset({"export"}))
CATALOG = Catalog(
    plans=(FREE, SOLO, PRO),
    metered=(Metered("calls", "Calls", {"usd": "0.5", "jpy": "1"}, included=100),),
    one_time=(OneTime("setup", "Setup", {"usd": 49900}, "We do it with you."),),
)
NAMES = Names("acme")
