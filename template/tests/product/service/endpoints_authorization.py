"""Yours: who may use what the service answers beside Django.

The tests in `tests/service/authorization` try every route of the service with everybody who may
come. A new route fails them until it stands here; `tests/service/authorization/declare.py` has the
words.
"""

from typing import Any

import psycopg

from tests.service.authorization.declare import PEOPLE, Rule

PRODUCT_RULES: dict[str, Rule] = {"GET /service/greeting": Rule(PEOPLE)}


def furnish(
    database: psycopg.Connection[dict[str, Any]], team_id: int, owner_id: int, word: str
) -> dict[str, int]:
    """Make one of everything in the team, with `word` in it; answers the ids by their names.

    Tests look for the word where it must not be. The names are those in addresses: `project_id`.
    """
    return {}
