"""What callers are told when something is wrong."""

from core.problems import invalid


def test_a_wrong_field_is_told_once_however_many_things_take_it() -> None:
    wrong = ("path/team_id", "This is not a number.")
    problem = invalid([wrong, ("#/name", "This is too long."), wrong])
    assert problem.extra["errors"] == [
        {"pointer": "path/team_id", "detail": "This is not a number."},
        {"pointer": "#/name", "detail": "This is too long."},
    ]
