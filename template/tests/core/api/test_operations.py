"""The table of operations, and who it lets in."""

from collections.abc import Collection

import pytest

from core.api.operations import ANYBODY, EVERYBODY, OPERATIONS, PEOPLE, Operation, Who
from core.problems import Problem
from core.product.operations import PRODUCT_OPERATIONS
from core.teams.roles import RENAME_TEAM, VIEW_TEAM, Role, Scope

EVERY = [*OPERATIONS.values(), *PRODUCT_OPERATIONS.values()]


def test_every_operation_has_its_own_name_and_address() -> None:
    assert len({operation.id for operation in EVERY}) == len(EVERY)
    assert len({(operation.method, operation.path) for operation in EVERY}) == len(EVERY)


def test_nothing_below_a_team_is_open_without_an_action() -> None:
    wrong: list[tuple[str, Who]] = [("/teams/{team_id}/notes", PEOPLE), ("/notes", VIEW_TEAM)]
    for path, who in wrong:
        with pytest.raises(ValueError, match="notes"):
            Operation("list_notes", "GET", path, "notes", "Notes", who)


def test_nobody_changes_anything_without_being_known() -> None:
    Operation("list_notes", "GET", "/notes", "notes", "Notes", ANYBODY)
    with pytest.raises(ValueError, match="add_note"):
        Operation("add_note", "POST", "/notes", "notes", "Notes", ANYBODY)


def refusal(name: str, granted: Collection[Role | Scope], *, person: bool) -> str:
    """Why this caller is refused, or nothing."""
    try:
        OPERATIONS[name].admit(granted, person=person)
    except Problem as problem:
        return problem.kind
    return ""


def test_what_is_for_people_refuses_every_key() -> None:
    keys = {Scope.READ, Scope.WRITE}
    assert refusal("get_me", set(), person=True) == ""
    assert refusal("get_me", keys, person=False) == "person-required"
    # No scope allows it, whatever the key has.
    assert refusal("update_team", keys, person=False) == "person-required"


def test_roles_and_scopes_are_checked() -> None:
    assert refusal("get_team", {Role.MEMBER}, person=True) == ""
    assert refusal("update_team", {Role.ADMIN}, person=True) == ""
    assert refusal("update_team", {Role.MEMBER}, person=True) == "forbidden"
    assert refusal("get_team", {Scope.READ}, person=False) == ""
    assert refusal("get_team", {Scope.WRITE}, person=False) == "forbidden"


def test_who_acts_as_somebody_changes_no_team() -> None:
    changes = [operation for operation in OPERATIONS.values() if operation.method != "GET"]
    assert [each.id for each in changes if not each.is_personal] == ["update_team"]
    for operation in OPERATIONS.values():
        operation.admit([*Role], person=True)
        if operation.is_personal:
            with pytest.raises(Problem):
                operation.admit([*Role], person=True, impersonated=True)


def test_the_documentation_says_who_may_call() -> None:
    def described(path: str, who: Who) -> str:
        return Operation("x", "GET", path, "x", "x", who).description

    assert described("/teams/{team_id}", RENAME_TEAM) == "For owners and admins."
    assert described("/teams/{team_id}", VIEW_TEAM) == (
        "For owners, admins, members and API keys with `read`."
    )
    assert described("/me", PEOPLE) == "For people only."
    assert described("/teams", EVERYBODY) == ""
    assert described("/plans", ANYBODY) == "Without a login too."
