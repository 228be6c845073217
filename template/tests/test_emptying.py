"""Tables are emptied with all that refer to them, however they refer to each other."""

import psycopg

from core.env import get_settings
from tests.emptying import empty

TABLES = """
    CREATE TEMPORARY TABLE shelf (id int PRIMARY KEY, beside int REFERENCES shelf);
    CREATE TEMPORARY TABLE book (id int PRIMARY KEY, shelf int REFERENCES shelf);
    CREATE TEMPORARY TABLE edition (id int PRIMARY KEY, book int REFERENCES book);
    ALTER TABLE book ADD newest int REFERENCES edition DEFERRABLE INITIALLY DEFERRED;
    CREATE TEMPORARY TABLE stranger (id int);
    INSERT INTO shelf VALUES (1, 1), (2, 1);
    INSERT INTO book VALUES (1, 2);
    INSERT INTO edition VALUES (1, 1);
    UPDATE book SET newest = 1;
    INSERT INTO stranger VALUES (1);
"""


def test_what_refers_to_it_goes_too_and_nothing_else() -> None:
    with psycopg.connect(get_settings().database_url, autocommit=True) as connection:
        connection.execute(TABLES)
        connection.execute("SET statement_timeout = '5s'")
        empty(connection, "shelf")
        left = {
            name: connection.execute(f"SELECT count(*) FROM {name}".encode()).fetchall()[0][0]  # noqa: S608
            for name in ("shelf", "book", "edition", "stranger")
        }
    assert left == {"shelf": 0, "book": 0, "edition": 0, "stranger": 1}
