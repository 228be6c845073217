"""The demo data of development."""

from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from core.env import get_settings
from service import demo


@pytest.fixture
def demo_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password that the runner puts into .env."""
    with_password = get_settings().model_copy(
        update={"demo_password": SecretStr("demo-password-of-the-test")}
    )
    monkeypatch.setattr(demo, "get_settings", lambda: with_password)


def test_people_and_their_team_are_made_once(
    database: psycopg.Connection[dict[str, Any]], demo_password: None
) -> None:
    demo.main()
    before = database.execute("SELECT id, password FROM accounts_user ORDER BY id").fetchall()
    demo.main()
    after = database.execute("SELECT id, password FROM accounts_user ORDER BY id").fetchall()
    assert after == before
    members = database.execute(
        'SELECT "user".email, membership.role FROM teams_membership AS membership'
        ' JOIN accounts_user AS "user" ON "user".id = membership.user_id'
        " JOIN teams_team AS team ON team.id = membership.team_id AND team.name = 'Acme'"
        ' ORDER BY "user".email'
    ).fetchall()
    assert [tuple(row.values()) for row in members] == [
        ("demo@example.com", "owner"),
        ("member@example.com", "member"),
    ]


def test_without_a_password_nobody_is_made(database: psycopg.Connection[dict[str, Any]]) -> None:
    with pytest.raises(SystemExit, match="DEMO_PASSWORD"):
        demo.main()
    assert database.execute("SELECT 1 FROM accounts_user").fetchone() is None
