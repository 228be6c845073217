"""The team that the present request or task works for.

Rows of a team are only reached inside `team_scope`: each framework's queries ask `current_team_id`,
so whoever forgets the scope gets an error instead of somebody else's rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_team_id: ContextVar[int | None] = ContextVar("team_id", default=None)


class NoTeam(RuntimeError):
    """Rows of teams were asked for outside `team_scope`."""


def current_team_id() -> int:
    """The team's id; raises `NoTeam` outside `team_scope`."""
    team_id = _team_id.get()
    if team_id is None:
        raise NoTeam("no team is chosen here: work inside `team_scope(team_id)`")
    return team_id


@contextmanager
def team_scope(team_id: int | None) -> Iterator[None]:
    """Work for this team, and for none (None) if it is nobody's work."""
    token = _team_id.set(team_id)
    try:
        yield
    finally:
        _team_id.reset(token)
