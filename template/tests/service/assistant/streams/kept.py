"""What is in the tables."""

from typing import Any

import psycopg

from tests.service.plan import is_metered

Database = psycopg.Connection[dict[str, Any]]


def answers(database: Database, team_id: int) -> list[dict[str, Any]]:
    """The answers of a team, as they are kept."""
    return database.execute(
        "SELECT * FROM assistant_message WHERE role = 'assistant' AND team_id = %s ORDER BY id",
        [team_id],
    ).fetchall()


def tokens(database: Database, team_id: int) -> list[int]:
    """The ledger of a team. Where something is sold, the meter has to say the same."""
    ledger = database.execute(
        "SELECT tokens FROM assistant_usage WHERE team_id = %s ORDER BY message_id", [team_id]
    ).fetchall()
    found = [int(row["tokens"]) for row in ledger]
    assert is_metered(database, team_id, "tokens", found)
    return found
