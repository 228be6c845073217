"""Yours: the table of who may do what, read aloud once."""

import pytest

from core.product.permissions import EDIT_PROJECTS, EXPORT_PROJECTS, VIEW_PROJECTS
from core.teams.roles import Action, Role, Scope, may

PEOPLE = set(Role)


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        (VIEW_PROJECTS, PEOPLE | {Scope.READ}),
        (EDIT_PROJECTS, PEOPLE | {Scope.WRITE}),
        (EXPORT_PROJECTS, PEOPLE),
    ],
    ids=str,
)
def test_who_may_do_it(action: Action, allowed: set[Role | Scope]) -> None:
    assert {who for who in [*Role, *Scope] if may([who], action)} == allowed
