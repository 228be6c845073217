"""Rows of a team are reached inside `core.teams.context.team_scope` only, and only its own.

Let a model of your product be `TeamOwned`: then every ORM statement gets the condition on the team,
new rows get the team, and outside of a scope all of it raises `NoTeam`. In a route the dependency
`CurrentTeam` opens the scope, and in a task `team_id=` of `enqueue` does.

Not covered, because SQLAlchemy asks nobody there: SQL text, `Model.__table__`, and the legacy
`bulk_*` methods of sessions.

The means: https://docs.sqlalchemy.org/en/21/orm/session_events.html#adding-global-where-on-criteria
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Connection, ForeignKey, Insert, bindparam, event, inspect
from sqlalchemy.dialects.postgresql.dml import OnConflictDoUpdate
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.orm import (
    Mapped,
    ORMExecuteState,
    Session,
    declared_attr,
    mapped_column,
    object_session,
    with_loader_criteria,
)

from core.teams.context import NoTeam, current_team_id

OPTION = "across_teams"


class WrongTeam(RuntimeError):
    """A row of another team than that of the scope was to be written."""


class TeamOwned:
    """Mix it into a model whose rows each belong to a team."""

    @declared_attr
    def team_id(cls) -> Mapped[int]:  # noqa: N805  SQLAlchemy hands over the class
        """The team that a row belongs to. Checked at the commit, as Django does it."""
        return mapped_column(
            BigInteger,
            ForeignKey("teams_team.id", deferrable=True, initially="DEFERRED"),
            index=True,
        )


def across_teams() -> dict[str, Any]:
    """The rows of all teams, for the admin and for tasks that are no single team's work.

        await session.execute(select(Project), execution_options=across_teams())

    reads them once; a session made with `info=across_teams()` is never limited.
    """
    return {OPTION: True}


class ScopedSession(Session):
    """A session that also looks at what it holds already, which no statement asks for."""

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """As `Session.get`; None for a row of another team."""
        found = super().get(entity, ident, **options)
        if isinstance(found, TeamOwned) and is_limited(self, options.get("execution_options")):
            return found if found.team_id == current_team_id() else None
        return found


class NoTeamForStatement(NoTeam, DontWrapMixin):
    """`NoTeam`, as it is raised while SQLAlchemy runs a statement."""


def team_of_statement() -> int:
    """The team of the scope; asked when a statement runs that names a model with a team."""
    try:
        return current_team_id()
    except NoTeam as error:
        raise NoTeamForStatement(*error.args) from None


TEAM = bindparam("team_of_the_scope", callable_=team_of_statement, type_=BigInteger())
IN_TEAM = with_loader_criteria(TeamOwned, lambda model: model.team_id == TEAM, include_aliases=True)


def is_limited(session: Session, options: Any = None) -> bool:
    """Whether a session works for one team at a time."""
    return not (session.info.get(OPTION) or (options or {}).get(OPTION))


def check(team_id: int | None) -> None:
    """Raises `WrongTeam` for another team than that of the scope."""
    if team_id != current_team_id():
        raise WrongTeam("this row belongs to another team than the one of the scope")


@event.listens_for(Session, "do_orm_execute")
def limit(state: ORMExecuteState) -> Any:
    """Add the condition on the team to a statement, and the team to what it inserts."""
    if not is_limited(state.session, state.execution_options):
        return None
    mapper = state.bind_mapper
    owned = mapper is not None and issubclass(mapper.class_, TeamOwned)
    if owned and state.is_insert:
        return insert_into_team(state)
    if owned and state.is_update:
        keep_team(state)
    if not state.is_column_load:
        state.statement = state.statement.options(IN_TEAM)
    return None


def insert_into_team(state: ORMExecuteState) -> Any:
    """Run an INSERT whose rows all belong to the team of the scope.

    An upsert must find the present row by its team too: the row of another team may be in its way.
    """
    statement, team_id = state.statement, current_team_id()
    assert isinstance(statement, Insert)  # noqa: S101  what `is_insert` says
    # There is no public way to ask for it.
    upsert = statement._post_values_clause
    if isinstance(upsert, OnConflictDoUpdate):
        found_by = {getattr(each, "key", each) for each in upsert.inferred_target_elements or ()}
        if "team_id" not in found_by:
            raise WrongTeam("let `index_elements` of the upsert name team_id")
    if statement.select is not None:
        raise WrongTeam("INSERT ... SELECT names its teams itself: say `across_teams()`")
    if state.parameters is None:
        return state.invoke_statement(statement.values(team_id=team_id))
    own = {"team_id": team_id}
    if isinstance(state.parameters, Mapping):
        check(state.parameters.get("team_id", team_id))
        return state.invoke_statement(params=own)
    for row in state.parameters:
        check(row.get("team_id", team_id))
    return state.invoke_statement(params=[own for _ in state.parameters])


def keep_team(state: ORMExecuteState) -> None:
    """Refuse an UPDATE that gives rows to another team, or that finds them by key alone."""
    if state.is_executemany:
        raise WrongTeam("an UPDATE of many rows by key has no condition on the team")
    values = getattr(state.statement, "_values", None) or {}
    named = {getattr(column, "key", column) for column in (*values, *(state.parameters or ()))}
    if "team_id" in named:
        raise WrongTeam("a row stays in its team")


@event.listens_for(TeamOwned, "before_insert", propagate=True)
def give_team(mapper: object, connection: Connection, row: TeamOwned) -> None:
    """A new row belongs to the team of the scope."""
    if is_limited_row(row):
        if row.team_id is None:
            row.team_id = current_team_id()
        check(row.team_id)


@event.listens_for(TeamOwned, "before_update", propagate=True)
def stay_in_team(mapper: object, connection: Connection, row: TeamOwned) -> None:
    """A row is changed in the scope of its team, and stays in it."""
    if is_limited_row(row):
        check(row.team_id)
        if inspect(row).attrs.team_id.history.has_changes():
            raise WrongTeam("a row stays in its team")


@event.listens_for(TeamOwned, "before_delete", propagate=True)
def delete_in_team(mapper: object, connection: Connection, row: TeamOwned) -> None:
    """A row is deleted in the scope of its team."""
    if is_limited_row(row):
        check(row.team_id)


def is_limited_row(row: object) -> bool:
    """Whether the session of a row works for one team at a time."""
    session = object_session(row)
    return session is None or is_limited(session)
