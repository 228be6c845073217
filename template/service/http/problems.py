"""Every error is a problem document (RFC 9457), with the request id that finds it in the logs."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import OperationalError
from psycopg_pool import PoolTimeout, TooManyRequests
from sqlalchemy import exc
from starlette.exceptions import HTTPException
from starlette.routing import Match

from core.problems import (
    MEDIA_TYPE,
    Problem,
    ProblemDocument,
    for_status,
    invalid,
    phrase,
    pointer,
    unavailable,
)

__all__ = ["Problem", "ProblemDocument", "documented", "for_status", "install", "respond"]

SCHEMA = {"$ref": "#/components/schemas/ProblemDocument"}

# Of the pool of plain SQL, and of SQLAlchemy; a lock that is not got in time is among them.
DATABASE_DOWN = (
    PoolTimeout,
    TooManyRequests,
    OperationalError,
    exc.OperationalError,
    exc.TimeoutError,
)

log = structlog.get_logger(__name__)


def respond(problem: Problem) -> JSONResponse:
    """The problem document as an answer."""
    return JSONResponse(problem.document(), problem.status, problem.headers, MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error documents of an operation, for its `responses=`."""
    return {
        status: {
            "description": phrase(status),
            "content": {MEDIA_TYPE: {"schema": SCHEMA}},
        }
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Answer every error of the framework and of the database with a problem document."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _invalid)
    for error in DATABASE_DOWN:
        app.add_exception_handler(error, _database_down)


def _problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101  registered for this class
    return respond(error)


def _http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class
    if error.status_code == 405:
        return respond(for_status(405, headers={"Allow": ", ".join(methods_of(request))}))
    # FastAPI answers so when the bytes of a body are no text, and 422 when the text is no JSON.
    if error.status_code == 400 and isinstance(error.__cause__, UnicodeDecodeError):
        return respond(invalid([("#", "This is not JSON.")]))
    return respond(for_status(error.status_code, headers=error.headers))


def methods_of(request: Request) -> list[str]:
    """What the address can do; Starlette knows the methods of the first route alone."""
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return sorted(found)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class
    # The input is left out: it may be a password.
    return respond(
        invalid([(pointer(problem["loc"]), problem["msg"]) for problem in error.errors()])
    )


def _database_down(request: Request, error: Exception) -> JSONResponse:
    log.error("database does not answer", error=type(error).__name__)
    return respond(unavailable("The database does not answer."))
