"""Every error is a problem document (RFC 9457), with the request id that finds it in the logs."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import OperationalError
from psycopg_pool import PoolTimeout, TooManyRequests
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from core.logs import current_request_id

MEDIA_TYPE = "application/problem+json"
SCHEMA = {"$ref": "#/components/schemas/ProblemDocument"}

log = structlog.get_logger(__name__)


class FieldError(BaseModel):
    """What is wrong with one field of the request."""

    pointer: str = Field(description="Where: a JSON pointer into the body, or `query/name`.")
    detail: str = Field(description="What is wrong with it.")


class ProblemDocument(BaseModel):
    """What went wrong, as RFC 9457 describes it."""

    type: str = Field(description="The kind of problem; stable, for programs to compare.")
    title: str = Field(description="The kind of problem, for people.")
    status: int = Field(description="The HTTP status again.")
    detail: str | None = Field(default=None, description="What happened this time.")
    request_id: str | None = Field(default=None, description="Name it when you ask for help.")
    errors: list[FieldError] | None = Field(default=None, description="One for each wrong field.")


class Problem(Exception):
    """Raised anywhere below a route; ends the request with a problem document.

    `kind` is the stable name programs compare; `extra` are further members of the document.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.headers = headers
        self.extra = extra or {}

    def response(self) -> JSONResponse:
        """The document as an answer."""
        document = {
            "type": f"urn:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "request_id": current_request_id(),
            **self.extra,
        }
        return JSONResponse(
            {name: value for name, value in document.items() if value is not None},
            self.status,
            self.headers,
            MEDIA_TYPE,
        )


def for_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """A problem that says no more than its HTTP status."""
    title = HTTPStatus(status).phrase
    return Problem(status, title.lower().replace(" ", "-"), title, headers=headers)


def unavailable(detail: str) -> Problem:
    """Something this process needs does not answer; trying again soon makes sense."""
    return Problem(503, "unavailable", "Service Unavailable", detail, headers={"Retry-After": "5"})


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error documents of an operation, for its `responses=`."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": SCHEMA}},
        }
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Answer every error of the framework and of the database with a problem document."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _invalid)
    for error in (PoolTimeout, TooManyRequests, OperationalError):
        app.add_exception_handler(error, _database_down)


def _problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101  registered for this class
    return error.response()


def _http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class
    return for_status(error.status_code, error.headers).response()


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class
    # The input is left out: it may be a password.
    errors = [
        {"pointer": pointer(problem["loc"]), "detail": problem["msg"]} for problem in error.errors()
    ]
    return Problem(
        422, "invalid-request", "The request is not valid", extra={"errors": errors}
    ).response()


def _database_down(request: Request, error: Exception) -> JSONResponse:
    log.error("database does not answer", error=type(error).__name__)
    return unavailable("The database does not answer.").response()


def pointer(location: Sequence[int | str]) -> str:
    """A JSON pointer into the body, or the part of the request and the name."""
    where, *path = location
    prefix = "#" if where == "body" else str(where)
    return "/".join([prefix, *map(str, path)])
