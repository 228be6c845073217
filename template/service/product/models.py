"""Yours: the tables of your product. A project is the example to copy."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.product import schemas
from service.accounts.models import User, now
from service.db import Base
from service.teams.scope import TeamOwned


class Project(TeamOwned, Base):
    """Something that a team works on."""

    __tablename__ = "product_project"
    __table_args__ = (Index("product_project_list", "team_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text, default="")
    created_by_id: Mapped[int | None] = mapped_column(
        ForeignKey(User.id, deferrable=True, initially="DEFERRED"), type_=BigInteger, index=True
    )
    archived_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)

    # Asked for together with the project: no query waits where nobody sees it.
    created_by: Mapped[User | None] = relationship(lazy="joined")

    def __str__(self) -> str:
        return self.name

    def archive(self) -> None:
        """Put it aside; once more changes nothing."""
        if self.archived_at is None:
            self.archived_at = now()

    def restore(self) -> None:
        """Bring it back; once more changes nothing."""
        self.archived_at = None

    def shown(self) -> schemas.Project:
        """What the API and the export tell of it."""
        by = self.created_by
        return schemas.Project(
            id=self.id,
            name=self.name,
            description=self.description,
            created_by=(by.name or by.email) if by else None,
            archived_at=self.archived_at,
            created_at=self.created_at,
            updated_at=self.updated_at,
        )
