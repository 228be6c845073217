"""The models describe the tables as they are, whoever makes them: Alembic, or Django beside us."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine

import service
from service.db import Base, database_url

SCHEMA = "made_from_models"
COLUMNS = """
    SELECT table_name, column_name, data_type, udt_name, character_maximum_length, is_nullable,
           is_identity
    FROM information_schema.columns WHERE table_schema = %(schema)s
"""
# Without names, and without Django's indexes for LIKE, which change no meaning.
INDEXES = r"""
    SELECT tablename,
           regexp_replace(indexdef, '^CREATE (UNIQUE )?INDEX .* USING', '\1') AS definition
    FROM pg_indexes WHERE schemaname = %(schema)s AND indexdef NOT LIKE '%%_pattern_ops%%'
"""
KEYS = """
    SELECT relname, replace(pg_get_constraintdef(pg_constraint.oid), %(schema)s || '.', '')
               AS definition
    FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
    WHERE contype = 'f' AND connamespace = %(schema)s::regnamespace
"""


def models() -> Iterator[str]:
    """The modules of models, those of your product included."""
    for module in pkgutil.walk_packages(service.__path__, "service."):
        if module.name.endswith(".models"):
            yield module.name


@pytest.fixture
def tables(database: psycopg.Connection[dict[str, Any]]) -> Iterator[set[str]]:
    """The tables of the models, made once more in a schema of their own."""
    for module in models():
        import_module(module)
    database.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    database.execute(f"CREATE SCHEMA {SCHEMA}")
    engine = create_engine(database_url())
    with engine.begin() as connection:
        there = connection.execution_options(schema_translate_map={None: SCHEMA})
        Base.metadata.create_all(there)
    engine.dispose()
    yield set(Base.metadata.tables)
    database.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


@pytest.mark.parametrize("what", [COLUMNS, INDEXES, KEYS], ids=["columns", "indexes", "keys"])
def test_the_models_are_the_tables(
    database: psycopg.Connection[dict[str, Any]], tables: set[str], what: str
) -> None:
    def described(schema: str) -> list[tuple[Any, ...]]:
        rows = database.execute(what, {"schema": schema}).fetchall()
        found = [tuple(row.values()) for row in rows]
        return sorted((row for row in found if row[0] in tables), key=str)

    assert len(tables) > 5
    assert described(SCHEMA) == described("public")
