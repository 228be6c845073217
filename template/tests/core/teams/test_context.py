"""Whoever forgets the team gets an error."""

import threading

import pytest

from core.teams.context import NoTeam, current_team_id, team_scope


def test_no_team_is_an_error() -> None:
    with pytest.raises(NoTeam):
        current_team_id()


def test_the_innermost_scope_counts_and_ends() -> None:
    with team_scope(1):
        with team_scope(2):
            assert current_team_id() == 2
        with team_scope(None), pytest.raises(NoTeam):
            current_team_id()
        assert current_team_id() == 1
    with pytest.raises(NoTeam):
        current_team_id()


def test_another_thread_has_no_team() -> None:
    found: list[object] = []

    def look() -> None:
        try:
            found.append(current_team_id())
        except NoTeam:
            found.append(None)

    with team_scope(1):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert found == [None]
