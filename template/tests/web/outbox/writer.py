"""Writes through Django."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings")
django.setup()

from django.db import IntegrityError, OperationalError, connection, transaction  # noqa: E402

from tests.outbox.effects import REQUEST, Effect  # noqa: E402
from tests.outbox.writing import run  # noqa: E402
from web.queue import enqueue  # noqa: E402


@contextmanager
def write(number: int, name: str) -> Iterator[None]:
    """One transaction of Django."""
    connection.close_if_unusable_or_obsolete()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(REQUEST, {"number": number, "writer": name})
        enqueue(Effect(number=number))
        yield


if __name__ == "__main__":
    run("django", write, OperationalError, IntegrityError)
