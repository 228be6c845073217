"""SQLAlchemy: the models' base, the engine and the session of a request.

Documentation: https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import URL, MetaData, make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from core.env import get_settings
from service.teams.scope import ScopedSession

POOL_SIZE = 16


class Base(DeclarativeBase):
    """The base of every model. Constraints have names, so that migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def database_url() -> URL:
    """The address of the database, with the driver SQLAlchemy shall use."""
    return make_url(get_settings().database_url).set(drivername="postgresql+psycopg")


def make_engine() -> AsyncEngine:
    """The engine of this process: a fixed pool, because opening connections is what costs."""
    return create_async_engine(
        database_url(),
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=5,
        # A restarted database is noticed before a query fails, for one cheap round trip.
        pool_pre_ping=True,
        # Who waits longer for a lock is told to come again, and does not keep the connection.
        connect_args={"connect_timeout": 5, "options": "-c lock_timeout=5s"},
        # Errors are logged; what people sent is not.
        hide_parameters=True,
    )


# The lifespan gives it the engine.
sessions = async_sessionmaker(sync_session_class=ScopedSession, expire_on_commit=False)


async def get_session() -> AsyncIterator[AsyncSession]:
    """A session. The route commits; what it did not commit is rolled back."""
    async with sessions() as session:
        yield session


# The scope gives the connection back before the answer is sent, so that a stream does not hold it.
CurrentSession = Annotated[AsyncSession, Depends(get_session, scope="function")]
