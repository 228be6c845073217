"""The tables of accounts, the same as Django makes them: a project can move between stacks."""

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Any

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
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.db import Base
from service.teams.personal import give_personal_teams

SESSION = "session"


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


class User(Base):
    """A person. The e-mail address is the login; `EmailAddress` says whether it is verified."""

    __tablename__ = "accounts_user"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    password: Mapped[str] = mapped_column(String(128))
    last_login: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    is_superuser: Mapped[bool] = mapped_column(default=False)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(150), default="")
    is_staff: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    date_joined: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)

    emails: Mapped[list["EmailAddress"]] = relationship(
        back_populates="user", cascade="all, delete-orphan"
    )
    tokens: Mapped[list["AccessToken"]] = relationship(
        back_populates="user", cascade="all, delete-orphan"
    )

    def __str__(self) -> str:
        return self.email


give_personal_teams(User)


def user_id_column() -> Mapped[int]:
    """The owner. Checked at the commit, as Django does it."""
    return mapped_column(
        ForeignKey(User.id, deferrable=True, initially="DEFERRED"), type_=BigInteger, index=True
    )


class EmailAddress(Base):
    """An address of a user, as django-allauth stores it."""

    __tablename__ = "account_emailaddress"
    __table_args__ = (
        UniqueConstraint("user_id", "email"),
        Index(
            "unique_primary_email",
            "user_id",
            "primary",
            unique=True,
            postgresql_where=text('"primary"'),
        ),
        Index("unique_verified_email", "email", unique=True, postgresql_where=text("verified")),
    )

    id: Mapped[int] = mapped_column(Integer, Identity(always=False), primary_key=True)
    user_id: Mapped[int] = user_id_column()
    email: Mapped[str] = mapped_column(String(254), index=True)
    verified: Mapped[bool] = mapped_column(default=False)
    primary: Mapped[bool] = mapped_column(default=False)

    user: Mapped[User] = relationship(back_populates="emails")

    def __str__(self) -> str:
        return self.email


class AccessToken(Base):
    """An opaque bearer token of a user; only its digest is stored. `session` is a login by API."""

    __tablename__ = "accounts_accesstoken"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    user_id: Mapped[int] = user_id_column()
    kind: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    session_digest: Mapped[str] = mapped_column(String(64), default="", index=True)
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    ip_address: Mapped[IPv4Address | IPv6Address | None] = mapped_column(INET)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # The member of staff who acts as the user by this token.
    impersonator_id: Mapped[int | None] = mapped_column(BigInteger)

    user: Mapped[User] = relationship(back_populates="tokens")

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Authenticator(Base):
    """Something besides the password that proves who logs in, as django-allauth stores it."""

    __tablename__ = "mfa_authenticator"
    __table_args__ = (
        Index(
            "unique_authenticator_type",
            "user_id",
            "type",
            unique=True,
            postgresql_where=text("type IN ('totp', 'recovery_codes')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    type: Mapped[str] = mapped_column(String(20))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    user_id: Mapped[int] = user_id_column()
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    user: Mapped[User] = relationship()

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


class SocialAccount(Base):
    """An account at a provider that logs the user in, as django-allauth stores it."""

    __tablename__ = "socialaccount_socialaccount"
    __table_args__ = (UniqueConstraint("provider", "uid"),)

    id: Mapped[int] = mapped_column(Integer, Identity(always=False), primary_key=True)
    provider: Mapped[str] = mapped_column(String(200))
    uid: Mapped[str] = mapped_column(String(191))
    last_login: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    date_joined: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    extra_data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    user_id: Mapped[int] = user_id_column()

    def __str__(self) -> str:
        return f"{self.provider} {self.uid}"
