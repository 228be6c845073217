"""The tables of outgoing webhooks, the same as Django makes them; `core.outgoing` writes them."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.db import Base
from service.teams.models import Team, team_id_column

MOMENT = DateTime(timezone=True)


class Endpoint(Base):
    """Where a team wants to be told of what happens; its secrets are encrypted."""

    __tablename__ = "outgoing_endpoint"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    team_id: Mapped[int] = team_id_column()
    url: Mapped[str] = mapped_column(String(2000))
    description: Mapped[str] = mapped_column(String(200))
    event_types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    secret: Mapped[str] = mapped_column(String(500))
    former_secret: Mapped[str] = mapped_column(String(500))
    former_until: Mapped[datetime | None] = mapped_column(MOMENT)
    disabled_at: Mapped[datetime | None] = mapped_column(MOMENT)
    disabled_reason: Mapped[str] = mapped_column(String(200))
    failing_since: Mapped[datetime | None] = mapped_column(MOMENT)
    # Until when its `Retry-After` wants it left alone.
    quiet_until: Mapped[datetime | None] = mapped_column(MOMENT)
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    updated_at: Mapped[datetime] = mapped_column(MOMENT)

    team: Mapped[Team] = relationship()

    def __str__(self) -> str:
        return self.url


class Event(Base):
    """Something that happened in a team, as it is sent."""

    __tablename__ = "outgoing_event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    team_id: Mapped[int] = team_id_column()
    public_id: Mapped[str] = mapped_column(String(64), unique=True)
    type: Mapped[str] = mapped_column(String(100))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(MOMENT)

    team: Mapped[Team] = relationship()

    def __str__(self) -> str:
        return f"{self.type} {self.public_id}"


class Delivery(Base):
    """An event on its way to an endpoint."""

    __tablename__ = "outgoing_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index("outgoing_delivery_list", "endpoint_id", "id"),
        Index("outgoing_delivery_team", "team_id", "id"),
        Index(
            "outgoing_delivery_pending",
            "next_attempt_at",
            postgresql_where=text("status = 'pending'"),
        ),
        # Who waits for a turn counts who waits along, however many are delivered.
        Index(
            "outgoing_delivery_waiting",
            "endpoint_id",
            postgresql_where=text("status = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(
        ForeignKey(Endpoint.id, deferrable=True, initially="DEFERRED"), type_=BigInteger
    )
    event_id: Mapped[int] = mapped_column(
        ForeignKey(Event.id, deferrable=True, initially="DEFERRED"), type_=BigInteger, index=True
    )
    team_id: Mapped[int] = mapped_column(
        ForeignKey(Team.id, deferrable=True, initially="DEFERRED"), type_=BigInteger
    )
    status: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    # When it was made, or sent again by hand.
    asked_at: Mapped[datetime] = mapped_column(MOMENT)
    next_attempt_at: Mapped[datetime | None] = mapped_column(MOMENT)
    ended_at: Mapped[datetime | None] = mapped_column(MOMENT)

    endpoint: Mapped[Endpoint] = relationship()
    event: Mapped[Event] = relationship()
    team: Mapped[Team] = relationship()

    def __str__(self) -> str:
        return f"{self.status} {self.id}"


class Attempt(Base):
    """One attempt: what was sent, and what came back or why nothing did."""

    __tablename__ = "outgoing_attempt"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    delivery_id: Mapped[int] = mapped_column(
        ForeignKey(Delivery.id, deferrable=True, initially="DEFERRED"), type_=BigInteger, index=True
    )
    started_at: Mapped[datetime] = mapped_column(MOMENT)
    duration_ms: Mapped[int] = mapped_column(Integer)
    request_headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    response_status: Mapped[int | None] = mapped_column(Integer)
    response_headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    response_body: Mapped[str] = mapped_column(Text)
    error: Mapped[str] = mapped_column(String(500))

    delivery: Mapped[Delivery] = relationship()

    def __str__(self) -> str:
        return self.error or str(self.response_status)
