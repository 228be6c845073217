"""Every operation of the API, with every kind of caller."""

import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.api.operations import Operation
from core.problems import MEDIA_TYPE
from tests.web.authorization.declare import KEYS, OUTSIDE, Visitor
from tests.web.authorization.routes import operation_ids, operation_route, operations
from tests.web.authorization.table import CALLS
from tests.web.authorization.world import World

pytestmark = pytest.mark.django_db
OPERATIONS = operations()
# When a session was last seen.
SEEN = "usersessions"
PARAMETERS = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda each: each.id)


def call(
    world: World, visitor: Visitor, operation: Operation, ids: dict[str, Any] | None = None
) -> Any:
    """Call it once with a valid body; what it changes is undone."""
    known = ids or (world.home if is_in_team(operation) else world.received)
    body = CALLS[operation.id].body
    with transaction.atomic():
        browser = world.browser(visitor)
        response = browser.generic(
            operation.method,
            operation_route(operation).url(known),
            "" if body is None else filled(body, known),
            content_type="application/json",
        )
        transaction.set_rollback(True)
    return response


def filled(body: Any, ids: dict[str, Any]) -> str:
    """The body with the ids in their places."""
    values = {
        name: ids.get(value[1:-1], value) if isinstance(value, str) else value
        for name, value in body.items()
    }
    return json.dumps(values)


def is_in_team(operation: Operation) -> bool:
    """Whether the address names a team."""
    return "{team_id}" in operation.path


def expected(operation: Operation, visitor: Visitor) -> int:
    """What the table says: 401 to nobody, 404 outside the team, 403 to whoever may not."""
    call_of = CALLS[operation.id]
    if visitor in call_of.who:
        return call_of.status or operation.success
    if visitor in (Visitor.ANONYMOUS, Visitor.REVOKED_KEY):
        return 401
    if is_in_team(operation):
        return 404 if visitor in OUTSIDE else 403
    return 403 if visitor in KEYS else 404


def test_every_operation_is_in_a_table() -> None:
    missing = set(operation_ids()) - CALLS.keys()
    assert not missing, f"Say in tests/product/web/authorization.py who may call these: {missing}"
    gone = CALLS.keys() - set(operation_ids())
    assert not gone, f"There are no such operations: {gone}"


@PARAMETERS
def test_an_operation_answers_whom_the_table_names(operation: Operation, world: World) -> None:
    for visitor in Visitor:
        response = call(world, visitor, operation)
        wanted = expected(operation, visitor)
        assert response.status_code == wanted, (visitor, response.content)
        if wanted >= 400:
            assert response["Content-Type"] == MEDIA_TYPE
        for word in world.hidden_from(visitor):
            assert word.encode() not in response.content, f"it shows {word} to {visitor}"


@PARAMETERS
def test_rows_of_another_team_are_not_found_below_ones_own(
    operation: Operation, world: World
) -> None:
    ids = world.other | {"team_id": world.team.pk}
    foreign = set(operation_route(operation).parameters) - {"team_id"}
    if not is_in_team(operation) or not foreign & world.other.keys():
        return
    for visitor in CALLS[operation.id].who:
        assert call(world, visitor, operation, ids).status_code == 404, visitor


@PARAMETERS
def test_reading_changes_nothing(operation: Operation, world: World) -> None:
    if operation.method != "GET":
        return
    for visitor in CALLS[operation.id].who:
        with CaptureQueriesContext(connection) as queries:
            call(world, visitor, operation)
        asked = [query["sql"] for query in queries]
        changes = [sql for sql in asked if sql.startswith(("INSERT", "UPDATE", "DELETE"))]
        assert [sql for sql in changes if SEEN not in sql] == []
