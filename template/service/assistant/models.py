"""What people talk about with the assistant, with the tables that Django makes.

The service reads and writes them by plain SQL: `queries.py`. The ledger, `Usage`, outlives what was
said, so that deleting a conversation gives no tokens back.
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
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from service.accounts.models import User
from service.db import Base
from service.teams.models import Team
from service.teams.scope import TeamOwned

MOMENT = DateTime(timezone=True)


class Conversation(TeamOwned, Base):
    """Questions and answers of one person in one team; nobody else reads them."""

    __tablename__ = "assistant_conversation"
    __table_args__ = (Index("assistant_conversation_list", "team_id", "user_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, deferrable=True, initially="DEFERRED"), type_=BigInteger, index=True
    )
    title: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    updated_at: Mapped[datetime] = mapped_column(MOMENT)

    team: Mapped[Team] = relationship()
    user: Mapped[User] = relationship()

    def __str__(self) -> str:
        return f"conversation {self.id}"


class Message(TeamOwned, Base):
    """A question, or its answer, which is `streaming` until it has ended."""

    __tablename__ = "assistant_message"
    __table_args__ = (
        Index("assistant_message_list", "conversation_id", "id"),
        Index(
            "assistant_message_one_answer",
            "conversation_id",
            unique=True,
            postgresql_where=text("status = 'streaming'"),
        ),
        Index(
            "assistant_message_running",
            "team_id",
            "created_at",
            postgresql_where=text("status = 'streaming'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey(Conversation.id, deferrable=True, initially="DEFERRED"), type_=BigInteger
    )
    role: Mapped[str] = mapped_column(String(16))
    content: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16))
    error: Mapped[str] = mapped_column(String(100))
    model: Mapped[str] = mapped_column(String(200))
    prompt_tokens: Mapped[int] = mapped_column(Integer)
    completion_tokens: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    ended_at: Mapped[datetime | None] = mapped_column(MOMENT)
    # When the process that writes it last said so, and whether it is asked to stop.
    seen_at: Mapped[datetime | None] = mapped_column(MOMENT)
    stop_asked: Mapped[bool] = mapped_column(Boolean)

    def __str__(self) -> str:
        return f"message {self.id}"


# What staff see of a conversation.
Conversation.count = column_property(
    select(func.count(Message.id))
    .where(Message.conversation_id == Conversation.id)
    .correlate_except(Message)
    .scalar_subquery(),
    deferred=True,
)
Conversation.tokens = column_property(
    select(func.coalesce(func.sum(Message.prompt_tokens + Message.completion_tokens), 0))
    .where(Message.conversation_id == Conversation.id)
    .correlate_except(Message)
    .scalar_subquery(),
    deferred=True,
)


class Usage(TeamOwned, Base):
    """The tokens of one answer, counted once: in the transaction that ends it."""

    __tablename__ = "assistant_usage"
    __table_args__ = (
        # A month is added up from the index alone.
        Index("assistant_usage_period", "team_id", "created_at", postgresql_include=["tokens"]),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    # No reference: the message may be deleted.
    message_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    tokens: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(MOMENT)

    team: Mapped[Team] = relationship()

    def __str__(self) -> str:
        return f"{self.tokens} tokens"
