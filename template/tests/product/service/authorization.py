"""Yours: who may use the routes of your product.

The tests in `tests/service/authorization` try every route of the service with everybody who may
come. A new route fails them until it stands here; `tests/service/authorization/declare.py` has the
words.
"""

from datetime import UTC, datetime
from typing import Any

import psycopg

from tests.service.authorization.declare import EVERYBODY, MEMBERS, READERS, WRITERS, Rule
from tests.service.conftest import insert

PROJECTS = "/api/v1/teams/{team_id}/projects"
PROJECT = PROJECTS + "/{project_id}"

PRODUCT_RULES: dict[str, Rule] = {
    "GET /": Rule(EVERYBODY),
    f"GET {PROJECTS}": Rule(READERS),
    f"POST {PROJECTS}": Rule(WRITERS, {"name": "New"}),
    f"POST {PROJECTS}/export": Rule(MEMBERS),
    f"GET {PROJECT}": Rule(READERS),
    f"PATCH {PROJECT}": Rule(WRITERS, {"name": "New"}),
    f"POST {PROJECT}/archive": Rule(WRITERS),
    f"POST {PROJECT}/restore": Rule(WRITERS),
}


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
