"""Django and Alembic make the same tables, so a project can change its stack and keep its data."""

import json
from pathlib import Path
from typing import Any

from tests.counting import Record
from tests.projects import run
from tests.questions import MOST
from tests.template import run_copier

# Runs in a generated project: makes the tables, then describes them.
DESCRIBE = """
import json, shlex, subprocess
import psycopg
from core.env import get_settings
from sandbox.processes import MIGRATE

subprocess.run(shlex.split(MIGRATE), check=True, capture_output=True)
COLUMNS = '''
    SELECT table_name, column_name, data_type, coalesce(character_maximum_length, 0), is_nullable,
           is_identity
    FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2'''
# Without Django's indexes for LIKE, which change no meaning.
INDEXES = '''
    SELECT tablename, regexp_replace(indexdef, '^CREATE (UNIQUE )?INDEX .* USING', '\\\\1')
    FROM pg_indexes WHERE schemaname = 'public' AND indexdef NOT LIKE '%_pattern_ops%'
    ORDER BY 1, 2'''
KEYS = '''
    SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' ORDER BY 1, 2'''
with psycopg.connect(get_settings().database_url) as connection:
    print(json.dumps([connection.execute(q).fetchall() for q in (COLUMNS, INDEXES, KEYS)]))
"""


def tables(repository: Path, project: Path, stack: str) -> dict[str, list[Any]]:
    """What a stack's migrations make: for each table its columns, indexes and foreign keys."""
    run_copier(repository, project, answers={"stack": stack, **MOST})
    command = ("uv", "run", "--quiet", "python", "-m", "sandbox.testing", "python", "-c", DESCRIBE)
    described: dict[str, list[Any]] = {}
    for kind in json.loads(run(project, *command).stdout.splitlines()[-1]):
        for table, *rest in kind:
            described.setdefault(table, []).append(rest)
    return described


def test_django_and_alembic_make_the_same_tables(
    repository: Path, tmp_path: Path, record_property: Record
) -> None:
    # Beside the service Django has every table that it ever makes.
    django = tables(repository, tmp_path / "hybrid", "hybrid")
    alembic = tables(repository, tmp_path / "fastapi", "fastapi")
    del alembic["alembic_version"]
    assert {"accounts_user", "account_emailaddress", "assistant_message"} <= set(alembic)
    for table, description in alembic.items():
        assert django[table] == description
    record_property("tables compared", len(alembic))
