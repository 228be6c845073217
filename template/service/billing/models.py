"""What we know of what Stripe knows, with the tables that Django makes. `core.billing` writes it.

Rows belong to a customer. A customer whose team is gone stays until Stripe was told.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from service.db import Base
from service.teams.models import Team

MOMENT = DateTime(timezone=True)


class Customer(Base):
    """A team as Stripe knows it."""

    __tablename__ = "billing_customer"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey(Team.id, deferrable=True, initially="DEFERRED"), type_=BigInteger, unique=True
    )
    stripe_id: Mapped[str] = mapped_column(String(255), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    reconciled_at: Mapped[datetime | None] = mapped_column(MOMENT)

    team: Mapped[Team | None] = relationship()

    def __str__(self) -> str:
        return self.stripe_id


class OfCustomer:
    """A row of a customer."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)

    @declared_attr
    def customer_id(cls) -> Mapped[int]:  # noqa: N805  SQLAlchemy hands over the class
        """Whose it is."""
        return mapped_column(
            ForeignKey(Customer.id, deferrable=True, initially="DEFERRED"),
            type_=BigInteger,
            index=True,
        )

    @declared_attr
    def customer(cls) -> Mapped[Customer]:  # noqa: N805  SQLAlchemy hands over the class
        """The same, to follow."""
        return relationship(Customer)


class Mirrored(OfCustomer):
    """An object of Stripe's, as it was at `synced_at`."""

    stripe_id: Mapped[str] = mapped_column(String(255), unique=True)
    currency: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    synced_at: Mapped[datetime] = mapped_column(MOMENT)

    def __str__(self) -> str:
        return self.stripe_id


class Subscription(Mirrored, Base):
    """A subscription; a team has at most one that runs. `core.billing.entitlements` judges it."""

    __tablename__ = "billing_subscription"

    item_id: Mapped[str] = mapped_column(String(255))
    price_id: Mapped[str] = mapped_column(String(255))
    plan: Mapped[str] = mapped_column(String(40))
    interval: Mapped[str] = mapped_column(String(8))
    quantity: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(32))
    current_period_start: Mapped[datetime] = mapped_column(MOMENT)
    current_period_end: Mapped[datetime] = mapped_column(MOMENT)
    trial_end: Mapped[datetime | None] = mapped_column(MOMENT)
    cancel_at: Mapped[datetime | None] = mapped_column(MOMENT)
    canceled_at: Mapped[datetime | None] = mapped_column(MOMENT)
    ended_at: Mapped[datetime | None] = mapped_column(MOMENT)
    past_due_since: Mapped[datetime | None] = mapped_column(MOMENT)


class Invoice(Mirrored, Base):
    """An invoice that was finalized. Amounts are in the currency's smallest unit."""

    __tablename__ = "billing_invoice"

    subscription: Mapped[str] = mapped_column(String(255))
    number: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(16))
    total: Mapped[int] = mapped_column(BigInteger)
    amount_due: Mapped[int] = mapped_column(BigInteger)
    amount_paid: Mapped[int] = mapped_column(BigInteger)
    attempt_count: Mapped[int] = mapped_column(Integer)
    next_attempt_at: Mapped[datetime | None] = mapped_column(MOMENT)
    paid_at: Mapped[datetime | None] = mapped_column(MOMENT)
    hosted_url: Mapped[str] = mapped_column(Text)
    pdf_url: Mapped[str] = mapped_column(Text)


class Purchase(Mirrored, Base):
    """Something that was paid once, by a checkout. Amounts are in the currency's smallest unit."""

    __tablename__ = "billing_purchase"

    code: Mapped[str] = mapped_column(String(40))
    amount: Mapped[int] = mapped_column(BigInteger)
    amount_refunded: Mapped[int] = mapped_column(BigInteger)
    payment_intent: Mapped[str] = mapped_column(String(255), index=True)


class UsageReport(OfCustomer, Base):
    """What Stripe is told of a team's usage, under an `identifier` that it takes once."""

    __tablename__ = "billing_usagereport"

    meter: Mapped[str] = mapped_column(String(40))
    quantity: Mapped[int] = mapped_column(BigInteger)
    identifier: Mapped[str] = mapped_column(String(100), unique=True)
    occurred_at: Mapped[datetime] = mapped_column(MOMENT)
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    reported_at: Mapped[datetime | None] = mapped_column(MOMENT)

    def __str__(self) -> str:
        return self.identifier


class Usage(Base):
    """Something that was used, counted in the transaction that used it."""

    __tablename__ = "billing_usage"
    __table_args__ = (
        Index("billing_usage_period", "team_id", "meter", "occurred_at"),
        Index(
            "billing_usage_open",
            "team_id",
            postgresql_where=text("is_billed AND report_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    team_id: Mapped[int] = mapped_column(
        ForeignKey(Team.id, deferrable=True, initially="DEFERRED"), type_=BigInteger, index=True
    )
    meter: Mapped[str] = mapped_column(String(40))
    quantity: Mapped[int] = mapped_column(Integer)
    occurred_at: Mapped[datetime] = mapped_column(MOMENT)
    # By the plan that the team had then.
    is_billed: Mapped[bool] = mapped_column(Boolean)
    report_id: Mapped[int | None] = mapped_column(
        ForeignKey(UsageReport.id, deferrable=True, initially="DEFERRED"),
        type_=BigInteger,
        index=True,
    )

    team: Mapped[Team] = relationship()
    report: Mapped[UsageReport | None] = relationship()

    def __str__(self) -> str:
        return f"{self.quantity} {self.meter}"
