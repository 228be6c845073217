"""The tables of teams, the same as Django makes them. The rules are in `core.teams`."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.accounts.models import User, now
from service.db import Base

MOMENT = DateTime(timezone=True)


class Team(Base):
    """Several people, or one, who share the rows of the product."""

    __tablename__ = "teams_team"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    personal_user_id: Mapped[int | None] = mapped_column(
        ForeignKey(User.id, deferrable=True, initially="DEFERRED"), type_=BigInteger, unique=True
    )
    seat_limit: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(MOMENT, default=now)

    @property
    def is_personal(self) -> bool:
        """Whether it belongs to one person, and lives as long as they do."""
        return self.personal_user_id is not None

    def __str__(self) -> str:
        return self.name


def team_id_column() -> Mapped[int]:
    """The team that a row belongs to. Checked at the commit, as Django does it."""
    return mapped_column(
        ForeignKey(Team.id, deferrable=True, initially="DEFERRED"), type_=BigInteger, index=True
    )


def maker_id_column() -> Mapped[int | None]:
    """Who made a row; null when their account is gone."""
    return mapped_column(
        ForeignKey(User.id, deferrable=True, initially="DEFERRED"), type_=BigInteger, index=True
    )


class Membership(Base):
    """Somebody in a team."""

    __tablename__ = "teams_membership"
    __table_args__ = (UniqueConstraint("team_id", "user_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    team_id: Mapped[int] = team_id_column()
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, deferrable=True, initially="DEFERRED"), type_=BigInteger, index=True
    )
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(MOMENT, default=now)

    team: Mapped[Team] = relationship()
    user: Mapped[User] = relationship()

    def __str__(self) -> str:
        return f"{self.role} {self.user_id} of {self.team_id}"


class Invitation(Base):
    """Somebody who may join a team, until it is accepted, revoked or too old.

    The task that mails the link makes its token; until then there is no digest.
    """

    __tablename__ = "teams_invitation"
    __table_args__ = (
        Index(
            "teams_invitation_open",
            "team_id",
            "email",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    team_id: Mapped[int] = team_id_column()
    email: Mapped[str] = mapped_column(String(254), index=True)
    role: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    invited_by_id: Mapped[int | None] = maker_id_column()
    created_at: Mapped[datetime] = mapped_column(MOMENT, default=now)
    expires_at: Mapped[datetime] = mapped_column(MOMENT)
    accepted_at: Mapped[datetime | None] = mapped_column(MOMENT)
    revoked_at: Mapped[datetime | None] = mapped_column(MOMENT)

    team: Mapped[Team] = relationship()
    invited_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"{self.email} to {self.team_id}"


class ApiKey(Base):
    """A key by which a program works for a team; only its digest is stored."""

    __tablename__ = "teams_apikey"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    team_id: Mapped[int] = team_id_column()
    name: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(16)))
    created_by_id: Mapped[int | None] = maker_id_column()
    created_at: Mapped[datetime] = mapped_column(MOMENT, default=now)
    last_used_at: Mapped[datetime | None] = mapped_column(MOMENT)
    expires_at: Mapped[datetime | None] = mapped_column(MOMENT)
    revoked_at: Mapped[datetime | None] = mapped_column(MOMENT)

    team: Mapped[Team] = relationship()
    created_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}...)"
