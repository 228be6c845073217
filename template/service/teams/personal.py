"""Every user has a personal team, from the transaction on that makes the user.

SQLAlchemy itself calls this, however the user is made, so that no way to sign up can forget it.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Result, event, select, text
from sqlalchemy.orm import ORMExecuteState, Session

from core.teams.roles import Role
from core.teams.rules import personal_team_name

TEAM = text("""
    INSERT INTO teams_team (name, personal_user_id, created_at)
    VALUES (:name, :user_id, :now) RETURNING id
""")
MEMBERSHIP = text("""
    INSERT INTO teams_membership (team_id, user_id, role, created_at)
    VALUES (:team_id, :user_id, :role, :now)
""")


def make_personal_team(connection: Connection, user_id: int, name: str, email: str) -> None:
    """Make the team of a new user, and the user its owner."""
    now = datetime.now(UTC)
    team = {"name": personal_team_name(name, email), "user_id": user_id, "now": now}
    team_id = connection.execute(TEAM, team).scalar_one()
    connection.execute(
        MEMBERSHIP,
        {"team_id": team_id, "user_id": user_id, "role": Role.OWNER.value, "now": now},
    )


def give_personal_teams(user_model: Any) -> None:
    """Let every user of this model have a team, whether added to a session or by an INSERT."""

    @event.listens_for(user_model, "after_insert")
    def added(mapper: object, connection: Connection, user: Any) -> None:
        make_personal_team(connection, user.id, user.name, user.email)

    @event.listens_for(Session, "do_orm_execute")
    def inserted(state: ORMExecuteState) -> Result[Any] | None:
        mapper = state.bind_mapper
        if not state.is_insert or mapper is None or mapper.class_ is not user_model:
            return None
        returned = getattr(state.statement, "returning_column_descriptions", ())
        if [column["name"] for column in returned] != ["id"]:
            raise RuntimeError("let the INSERT of users say .returning(User.id)")
        rows = state.invoke_statement().freeze()
        connection = state.session.connection()
        for (user_id,) in rows():
            who = select(user_model.name, user_model.email).where(user_model.id == user_id)
            name, email = connection.execute(who).one()
            make_personal_team(connection, user_id, name, email)
        return rows()
