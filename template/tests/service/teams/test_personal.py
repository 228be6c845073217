"""Nobody is without a team, however their account comes to be."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy.dialects.postgresql import insert

from service.accounts import queries
from service.accounts.models import User
from service.db import sessions

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("app")]

Database = psycopg.Connection[dict[str, Any]]
TEAMS = """
    SELECT "user".email, team.name, membership.role FROM accounts_user AS "user"
    LEFT JOIN teams_team AS team ON team.personal_user_id = "user".id
    LEFT JOIN teams_membership AS membership
        ON membership.team_id = team.id AND membership.user_id = "user".id
    ORDER BY "user".id
"""


async def test_every_way_to_make_a_user_makes_a_team(database: Database) -> None:
    async with sessions() as session:
        await queries.create_user(session, email="ann@example.com", password="", name=" Ann ")
        session.add(User(email="bob@example.com", password=""))
        session.add(User(email="dee@example.com", password="", name="Dee"))
        await session.flush()
        rows = [{"email": f"{name}@example.com", "password": ""} for name in ("eve", "fay")]
        await session.execute(insert(User).returning(User.id), rows)
        await session.commit()
    async with sessions() as session:
        # Nobody would know whom to give a team.
        with pytest.raises(RuntimeError, match="returning"):
            await session.execute(insert(User).values(email="gus@example.com", password=""))
    found = database.execute(TEAMS).fetchall()
    assert [(row["name"], row["role"]) for row in found] == [
        (name, "owner") for name in ("Ann", "bob", "Dee", "eve", "fay")
    ]


async def test_there_is_no_team_of_somebody_who_is_not_made(
    database: Database, make_user: Callable[..., int]
) -> None:
    make_user("ann@example.com")
    async with sessions() as session:
        taken = insert(User).values(email="ann@example.com", password="")
        await session.execute(taken.on_conflict_do_nothing().returning(User.id))
        await session.commit()
        session.add(User(email="bob@example.com", password=""))
        await session.flush()
        await session.rollback()
    found = database.execute("SELECT count(*) AS teams FROM teams_team").fetchone()
    assert found == {"teams": 1}
