"""Declares operations of the API.

    router = Routes(tags=["teams"])

    @router.operation
    async def get_team(team: CurrentTeam, session: CurrentSession) -> Team: ...

The function is named for its row in `core/api/operations.py` or `core/product/operations.py`, which
says where it is, who may call it and what it answers. Its annotation is the schema of the answer;
None is an answer without a body. What it changes in the session is committed for it, together with
the answer that a repeated request gets: it must not commit itself.
"""

import inspect
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar, get_type_hints

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic_core import to_json

from core.api.etags import check_match, etag, is_unchanged
from core.api.operations import Operation
from core.api.schemas import Answer
from core.api.table import ALL
from core.teams.roles import Action
from service.api.budgets import CountedCall, CountedStranger, count_call, count_stranger
from service.db import CurrentSession
from service.idempotency.once import once
from service.identity.dependencies import CurrentPrincipal, KeyCaller
from service.pool import CurrentPool
from service.teams.dependencies import CurrentTeam
from service.teams.plan import check_plan

Endpoint = TypeVar("Endpoint", bound=Callable[..., Awaitable[Any]])


class Routes(APIRouter):
    """A router whose operations are rows of the table."""

    def operation(self, endpoint: Endpoint) -> Endpoint:
        """Serve the operation that has the function's name."""
        row = ALL[endpoint.__name__]
        answer = get_type_hints(endpoint)["return"]
        self.add_api_route(
            row.path,
            serving(row, endpoint),
            methods=[row.method],
            name=row.id,
            status_code=row.success,
            response_model=None if answer is type(None) else answer,
            # A plain response is documented without a body.
            response_class=Response if answer is type(None) else JSONResponse,
            dependencies=gates(row),
        )
        return endpoint


def gates(row: Operation) -> list[Any]:
    """What stands before an operation, as dependencies."""
    if row.is_public:
        return [Depends(count_stranger)]
    # The caller is known and counted before anything is said about teams.
    return [Depends(count_call), Depends(admission(row))]


def admission(row: Operation) -> Callable[..., Awaitable[None]]:
    """Lets in who may call the operation; raises 401, 402, 403 and 404."""

    async def into_team(team: CurrentTeam, principal: CurrentPrincipal, pool: CurrentPool) -> None:
        row.admit(
            team.granted,
            person=team.role is not None,
            impersonated=principal.impersonator_id is not None,
        )
        await check_plan(pool, team.id, row.id)

    async def at_all(principal: CurrentPrincipal) -> None:
        row.admit(
            (),
            person=not isinstance(principal, KeyCaller),
            impersonated=principal.impersonator_id is not None,
        )

    return into_team if isinstance(row.who, Action) else at_all


def serving(row: Operation, endpoint: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
    """The endpoint as FastAPI calls it: with what is needed around it as further parameters."""

    async def read(api_request: Request, api_call: CountedCall, **values: Any) -> Response:
        response = respond(api_request, row, await endpoint(**values))
        response.headers.update(api_call)
        return response

    async def read_unasked(
        api_request: Request, api_call: CountedStranger, **values: Any
    ) -> Response:
        return await read(api_request, api_call, **values)

    async def change(
        api_request: Request,
        api_call: CountedCall,
        api_session: CurrentSession,
        api_principal: CurrentPrincipal,
        **values: Any,
    ) -> Response:
        async def answer() -> Response:
            return respond(api_request, row, await endpoint(**values))

        if row.takes_key:
            caller = api_principal.name_in_counters
            response = await once(api_request, api_session, caller, answer)
        else:
            response = await answer()
        await api_session.commit()
        response.headers.update(api_call)
        return response

    reading = read_unasked if row.is_public else read
    served: Callable[..., Any] = reading if row.method == "GET" else change
    return with_parameters_of(endpoint, served)


def with_parameters_of(
    endpoint: Callable[..., Any], served: Callable[..., Any]
) -> Callable[..., Any]:
    """Let FastAPI see the parameters of both."""
    own = [each for each in inspect.signature(served).parameters.values() if each.name != "values"]
    theirs = inspect.signature(endpoint).parameters.values()
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [each.replace(kind=keyword) for each in (*own, *theirs)]
    served.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    served.__doc__ = endpoint.__doc__
    return served


def respond(request: Request, row: Operation, result: object) -> Response:
    """The answer with its version, if it has one."""
    if result is None:
        return Response(status_code=row.success)
    body = to_json(result)
    response = Response(body, row.success, media_type="application/json")
    if row.etag:
        response.headers["ETag"] = current = etag(body)
        if row.method == "GET" and is_unchanged(request.headers.get("If-None-Match"), current):
            return Response(status_code=304, headers={"ETag": current})
    return response


async def if_match(request: Request) -> str | None:
    """The version that the caller wants to change. It is documented with the operation."""
    return request.headers.get("If-Match")


IfMatch = Annotated[str | None, Depends(if_match)]


def check_version(wanted: str | None, present: Answer) -> None:
    """Raises 412 when another version than the present one is wanted; lock the row first."""
    check_match(wanted, etag(to_json(present)))
