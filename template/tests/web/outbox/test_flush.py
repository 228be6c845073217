"""The tables are emptied between tests while a worker and a relay go on."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import psycopg
from django.core.management import call_command
from django.db import connection

from tests import PATIENCE
from tests.background import Background

WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"


def test_a_task_may_come_to_any_table_while_all_are_about_to_be_emptied(worker: Background) -> None:
    tables = connection.introspection.django_table_names(only_existing=True)
    url = connection.get_connection_params()
    begun = Event()

    def task() -> None:
        with (
            psycopg.connect(**url) as transaction,
            psycopg.connect(**url, autocommit=True) as onlooker,
        ):
            transaction.execute("DELETE FROM outbox_message")
            begun.set()
            deadline = time.monotonic() + PATIENCE
            while not onlooker.execute(WAITING).fetchone():
                assert time.monotonic() < deadline, "nobody empties the tables"
                time.sleep(0.02)
            for table in tables:
                transaction.execute(f"SELECT FROM {table}".encode())

    with ThreadPoolExecutor() as pool:
        working = pool.submit(task)
        assert begun.wait(PATIENCE)
        call_command("flush", interactive=False, verbosity=0)
        working.result()
