"""Writes over a plain psycopg connection."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from core.env import get_settings
from core.outbox import Enqueue
from core.outbox.write import INSERT
from tests.outbox.effects import REQUEST, Effect
from tests.outbox.writing import run


@contextmanager
def write(number: int, name: str) -> Iterator[None]:
    """One transaction on a connection of its own."""
    with psycopg.connect(get_settings().database_url) as connection:
        connection.execute(REQUEST, {"number": number, "writer": name})
        connection.execute(INSERT, Enqueue(Effect(number=number)).parameters)
        yield


if __name__ == "__main__":
    run("psycopg", write, psycopg.OperationalError, psycopg.errors.UniqueViolation)
