"""The tables of the outbox, the same as Django makes them. `core.outbox` reads and writes them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base

MOMENT = DateTime(timezone=True)


class Work:
    """What was asked for, wherever it has got to."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    task: Mapped[str] = mapped_column(String(100))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    key: Mapped[str | None] = mapped_column(String(200))
    request_id: Mapped[str] = mapped_column(String(64))
    team_id: Mapped[int | None] = mapped_column(BigInteger)
    schedule: Mapped[str] = mapped_column(String(100))
    attempts: Mapped[int]

    def __str__(self) -> str:
        return f"{self.task} {self.id}"


class Message(Work, Base):
    """Work that was asked for. See `core.outbox`."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index(
            "outbox_message_key",
            "task",
            "key",
            unique=True,
            postgresql_where=text("key IS NOT NULL"),
        ),
        Index(
            "outbox_message_due",
            "available_at",
            "id",
            postgresql_where=text("done_at IS NULL AND published_at IS NULL"),
        ),
        Index(
            "outbox_message_published",
            "published_at",
            postgresql_where=text("done_at IS NULL AND published_at IS NOT NULL"),
        ),
    )

    created_at: Mapped[datetime] = mapped_column(MOMENT)
    available_at: Mapped[datetime] = mapped_column(MOMENT)
    published_at: Mapped[datetime | None] = mapped_column(MOMENT)
    started_at: Mapped[datetime | None] = mapped_column(MOMENT)
    done_at: Mapped[datetime | None] = mapped_column(MOMENT)


class DeadLetter(Work, Base):
    """Work that failed for good, until somebody replays it."""

    __tablename__ = "outbox_deadletter"

    error: Mapped[str] = mapped_column(String(500))
    traceback: Mapped[str] = mapped_column(Text)
    failed_at: Mapped[datetime] = mapped_column(MOMENT, index=True)
    replayed_at: Mapped[datetime | None] = mapped_column(MOMENT)


class Schedule(Base):
    """When a periodic task ran last; `core.tasks.SCHEDULE` says when it runs."""

    __tablename__ = "outbox_schedule"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    last_tick: Mapped[datetime] = mapped_column(MOMENT)
    last_finished_at: Mapped[datetime | None] = mapped_column(MOMENT)
    last_error: Mapped[str] = mapped_column(String(500))

    def __str__(self) -> str:
        return self.name
