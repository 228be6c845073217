"""The table of the ledger, the same as Django makes it; `core.webhooks` explains it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import UniqueConstraint

from service.db import Base

MOMENT = DateTime(timezone=True)


class Event(Base):
    """Something that a source told us. `processed_at` is empty until its task is done."""

    __tablename__ = "webhooks_event"
    __table_args__ = (
        UniqueConstraint("source", "event_id"),
        Index("webhooks_event_open", "received_at", postgresql_where=text("processed_at IS NULL")),
        Index("webhooks_event_customer", "customer", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    source: Mapped[str] = mapped_column(String(32))
    event_id: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(255))
    object_id: Mapped[str] = mapped_column(String(255))
    customer: Mapped[str] = mapped_column(String(255))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    received_at: Mapped[datetime] = mapped_column(MOMENT)
    processed_at: Mapped[datetime | None] = mapped_column(MOMENT)
    attempts: Mapped[int] = mapped_column(Integer)
    error: Mapped[str] = mapped_column(String(500))

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
