"""Declares operations of the API.

    router = Routes()

    @router.operation
    def get_team(request: TeamRequest) -> Team: ...

The function is named for its row in `core/api/operations.py` or `core/product/operations.py`, which
says where it is, who may call it and what it answers. It works in the scope of the team, and need
not mention `team_id`. Its annotation is the schema of the answer; None is an answer without a body.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, get_type_hints

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic_core import to_json

from core.api.etags import check_match, etag, is_unchanged
from core.api.operations import Operation
from core.api.schemas import Answer, Id
from core.api.table import ALL
from core.audit import acting_as
from core.teams.context import team_scope
from core.teams.roles import Action
from web.api.auth import Admission, count_stranger
from web.api.caller import TeamRequest
from web.api.idempotency import once
from web.teams.plan import check_plan

View = TypeVar("View", bound=Callable[..., Any])


class Routes(Router):
    """A router whose operations are rows of the table."""

    def operation(self, view: View) -> View:
        """Serve the operation that has the function's name."""
        row = ALL[view.__name__]
        answer = get_type_hints(view)["return"]
        self.add_api_operation(
            row.path,
            [row.method],
            open_to_all(row, view) if row.is_public else serving(row, view),
            auth=None if row.is_public else Admission(row),
            response={row.success: None if answer is type(None) else answer},
            operation_id=row.id,
        )
        return view


def open_to_all(row: Operation, view: View) -> View:
    """The view of an operation that asks nobody who they are."""

    @wraps(view)
    def served(request: HttpRequest, **values: Any) -> HttpResponse:
        count_stranger(request)
        return respond(request, row, view(request, **values))

    return served  # type: ignore[return-value]


def serving(row: Operation, view: View) -> View:
    """The view as ninja calls it, when the caller is admitted and the parameters are valid."""
    in_team = isinstance(row.who, Action)

    @wraps(view)
    def served(request: TeamRequest, **values: Any) -> HttpResponse:
        if in_team:
            values.pop("team_id")

        def answer() -> HttpResponse:
            return respond(request, row, view(request, **values))

        with acting_as(request.auth.actor), team_scope(request.team.pk if in_team else None):
            if in_team:
                check_plan(request.team.pk, row.id)
            return once(request, answer) if row.takes_key else answer()

    if in_team:
        served._ninja_contribute_args = [("team_id", Id, Path(...))]  # type: ignore[attr-defined]
    return served  # type: ignore[return-value]


def respond(request: HttpRequest, row: Operation, result: object) -> HttpResponse:
    """The answer with its version, if it has one."""
    if result is None:
        return HttpResponse(status=row.success)
    body = to_json(result)
    response = HttpResponse(body, status=row.success, content_type="application/json")
    if row.etag:
        response["ETag"] = current = etag(body)
        if row.method == "GET" and is_unchanged(request.headers.get("If-None-Match"), current):
            return HttpResponse(status=304, headers={"ETag": current})
    return response


def check_version(request: HttpRequest, present: Answer) -> None:
    """Raises 412 if `If-Match` names another version than the present one; lock the row first."""
    check_match(request.headers.get("If-Match"), etag(to_json(present)))
