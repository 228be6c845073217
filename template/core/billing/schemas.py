"""What goes in and out of the operations of billing.

Amounts are whole numbers of the currency's smallest unit: 2900 is 29 dollars, and 2900 yen. No
request holds an amount, a price or a customer: codes are looked up in the plans.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, HttpUrl

from core.api.schemas import Answer, Body
from core.billing.entitlements import Standing
from core.billing.plans import Interval

Amount = Annotated[int, Field(examples=[2900], description="In the currency's smallest unit.")]
Code = Annotated[str, Field(min_length=1, max_length=40, examples=["pro"])]
Currency = Annotated[str, Field(min_length=3, max_length=3, examples=["usd"])]
# Without a description: ninja leaves those of parameters in addresses out, and FastAPI does not.
CheckoutId = Annotated[str, Field(examples=["cs_test_a1b2c3"])]
CheckoutStatus = Literal["open", "processing", "complete", "expired"]


class PlanPrice(Answer):
    """What a plan costs for one interval in one currency."""

    interval: Interval
    currency: Currency
    amount: Amount
    extra_seat: Amount | None = Field(
        description="For each seat above the included ones; null where none can be added."
    )


class MeteredPrice(Answer):
    """What a unit costs above those that are included; it may be a part of the smallest unit."""

    currency: Currency
    unit_amount: str = Field(examples=["0.5"], description="In the currency's smallest unit.")


class MeteredOffer(Answer):
    """Something that is billed by use."""

    code: Code
    name: str = Field(examples=["Changes"])
    included: int = Field(description="So many for nothing in each interval.", examples=[1000])
    prices: list[MeteredPrice]


class OfferedPlan(Answer):
    """What can be subscribed to; one without prices is free."""

    code: Code
    name: str = Field(examples=["Pro"])
    description: str = Field(examples=["For teams that grow."])
    prices: list[PlanPrice]
    trial_days: int
    included_seats: int
    seat_limit: int | None = Field(description="The most members; null for no limit.")
    features: list[str] = Field(examples=[["export"]])
    limits: dict[str, int] = Field(
        description="How much of something; others have no limit.", examples=[{"projects": 100}]
    )
    metered: list[MeteredOffer]


class OncePrice(Answer):
    """What something costs in one currency."""

    currency: Currency
    amount: Amount


class OneTimeOffer(Answer):
    """Something that is paid once."""

    code: Code
    name: str = Field(examples=["Onboarding"])
    description: str = Field(examples=["We set it up with you."])
    prices: list[OncePrice]


class Offers(Answer):
    """All that can be bought."""

    currencies: list[Currency]
    plans: list[OfferedPlan]
    one_time: list[OneTimeOffer]


class RunningSubscription(Answer):
    """The subscription of a team."""

    plan: Code
    plan_name: str = Field(examples=["Pro"])
    interval: str = Field(examples=["month"])
    currency: Currency
    quantity: int = Field(description="How many seats are paid for, with the included ones.")
    status: str = Field(examples=["active"], description="As Stripe says it.")
    current_period_end: datetime
    trial_end: datetime | None = Field(examples=[None])
    cancel_at: datetime | None = Field(
        description="When it ends; null if it goes on.", examples=[None]
    )
    past_due_since: datetime | None = Field(examples=[None])
    pay_at: str | None = Field(
        description="Where an invoice that is due can be paid; null if none is.",
        examples=[None],
    )


class Usage(Answer):
    """How much of something was used in the current period."""

    code: Code
    name: str = Field(examples=["Changes"])
    used: int
    included: int


class Billing(Answer):
    """What a team has, uses and may do."""

    plan: Code = Field(description="The plan whose features the team has now.")
    plan_name: str = Field(examples=["Pro"])
    standing: Standing
    until: datetime | None = Field(description="When this ends unless something happens.")
    currency: Currency | None = Field(description="In which the team pays; null until it does.")
    members: int
    seat_limit: int | None = Field(description="The most members; null for no limit.")
    features: list[str] = Field(examples=[["export"]])
    limits: dict[str, int] = Field(examples=[{"projects": 100}])
    usage: list[Usage]
    subscription: RunningSubscription | None
    may_try: bool = Field(description="Whether a trial, where a plan has one, is open to it.")


class Invoice(Answer):
    """An invoice of a team."""

    id: int
    number: str = Field(examples=["A1B2C3D4-0001"])
    status: str = Field(examples=["paid"])
    currency: Currency
    total: Amount
    amount_due: Amount
    amount_paid: Amount
    created_at: datetime
    paid_at: datetime | None
    next_attempt_at: datetime | None = Field(examples=[None])
    hosted_url: str = Field(
        description="Where it can be seen and paid.", examples=["https://invoice.example.com/1"]
    )
    pdf_url: str = Field(examples=["https://invoice.example.com/1/pdf"])


class Purchase(Answer):
    """Something that was paid once."""

    id: int
    code: Code
    name: str = Field(examples=["Onboarding"])
    currency: Currency
    amount: Amount
    amount_refunded: Amount
    created_at: datetime


class CheckoutStart(Body):
    """What to subscribe to."""

    plan: Code
    interval: Interval
    currency: Currency


class PurchaseStart(Body):
    """What to buy once."""

    code: Code
    currency: Currency


class PlanChange(Body):
    """What to change to; the currency stays."""

    plan: Code
    interval: Interval


class BrowserAddress(Answer):
    """Where a person goes on, in a browser."""

    url: HttpUrl


class CheckoutState(Answer):
    """How far a checkout is."""

    status: CheckoutStatus = Field(
        description="`processing`: it was paid, and the news of it are on their way."
    )
