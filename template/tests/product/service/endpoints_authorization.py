"""Yours: who may use what the service answers outside `/api/v1`.

The tests in `tests/service/authorization` try every route of the service with everybody who may
come. A new route fails them until it stands here; `tests/service/authorization/declare.py` has the
words.
"""

from datetime import UTC, datetime
from typing import Any

import psycopg

from tests.service.authorization.declare import READERS, Rule
from tests.service.conftest import insert

PROJECT = "/service/teams/{team_id}/projects/{project_id}"

PRODUCT_RULES: dict[str, Rule] = {f"GET {PROJECT}/enrichment": Rule(READERS)}


def furnish(
    database: psycopg.Connection[dict[str, Any]], team_id: int, owner_id: int, word: str
) -> dict[str, int]:
    """Make one of everything in the team, with `word` in it; answers the ids by their names.

    Tests look for the word where it must not be. The names are those in addresses: `project_id`.
    """
    now = datetime.now(UTC)
    project_id = insert(
        database,
        "product_project",
        team_id=team_id,
        name=f"{word} project",
        description="",
        created_by_id=owner_id,
        created_at=now,
        updated_at=now,
    )
    return {"project_id": project_id}
