"""Errors of the API as problem documents: https://www.rfc-editor.org/rfc/rfc9457"""

from collections.abc import Sequence

import structlog
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from core.problems import MEDIA_TYPE, Problem, for_status, invalid, pointer

log = structlog.get_logger()


def respond(problem: Problem) -> HttpResponse:
    """The answer for one error; what the request wrote and enqueued is rolled back."""
    # Ninja answers inside the view, so Django's own transaction never sees the exception.
    if connection.in_atomic_block:
        transaction.set_rollback(True)
    return show(problem)


def show(problem: Problem) -> HttpResponse:
    """The problem document as an answer."""
    return JsonResponse(
        problem.document(),
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers=dict(problem.headers or {}),
    )


def unauthenticated() -> Problem:
    """401 with the challenge that RFC 6750 asks for; the same for every kind of wrong token."""
    return Problem(
        401,
        "unauthenticated",
        "Log in first",
        "Send a valid token as `Authorization: Bearer ...`.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def where(location: Sequence[int | str]) -> str:
    """The pointer to a field; ninja counts the name of the view's parameter as part of the body."""
    if location[0] == "body":
        location = [location[0], *location[2:]]
    return pointer(location)


def register(api: NinjaAPI) -> None:
    """Let every error of the API be a problem document."""

    @api.exception_handler(Problem)
    def refused(request: HttpRequest, error: Problem) -> HttpResponse:
        return respond(error)

    @api.exception_handler(AuthenticationError)
    def unauthorized(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return respond(unauthenticated())

    @api.exception_handler(ValidationError)
    def not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        # Not the input itself: it may hold what nobody should log.
        return respond(invalid([(where(each["loc"]), each["msg"]) for each in error.errors]))

    @api.exception_handler(HttpError)
    def failed(request: HttpRequest, error: HttpError) -> HttpResponse:
        # Ninja wraps what the parser raises.
        if isinstance(error.__cause__, Problem):
            return respond(error.__cause__)
        return respond(for_status(error.status_code, error.message))

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
        return respond(for_status(404, "There is nothing here."))

    @api.exception_handler(Exception)
    def broken(request: HttpRequest, error: Exception) -> HttpResponse:
        log.error("request_failed", exc_info=error)
        return respond(for_status(500, "This is our fault. We have a record of it."))
