"""Writes through SQLAlchemy, as a route does."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from service.db import make_engine, sessions
from service.queue import enqueue
from tests.outbox.effects import REQUEST, Effect
from tests.outbox.writing import run

runner = asyncio.Runner()


@contextmanager
def write(number: int, name: str) -> Iterator[None]:
    """One transaction of an asynchronous session, on the one loop of this process."""
    session = sessions()
    try:
        runner.run(ask(session, number, name))
        yield
        runner.run(session.commit())
    finally:
        runner.run(session.close())


async def ask(session: AsyncSession, number: int, name: str) -> None:
    """The request and its task, not committed yet."""
    connection = await session.connection()
    await connection.exec_driver_sql(REQUEST, {"number": number, "writer": name})
    await enqueue(session, Effect(number=number))


if __name__ == "__main__":
    sessions.configure(bind=make_engine())
    with runner:
        run("sqlalchemy", write, OperationalError, IntegrityError)
