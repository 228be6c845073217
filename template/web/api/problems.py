"""Errors of the API as problem details: https://www.rfc-editor.org/rfc/rfc9457"""

from http import HTTPStatus

import structlog
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from core.logs import current_request_id

log = structlog.get_logger()


def problem(status: int, detail: str, **more: object) -> HttpResponse:
    """The answer for one error; what the request wrote and enqueued is rolled back."""
    # Ninja answers inside the view, so Django's own transaction never sees the exception.
    if connection.in_atomic_block:
        transaction.set_rollback(True)
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": current_request_id(),
        **more,
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")


def register(api: NinjaAPI) -> None:
    """Let every error of the API be a problem document."""

    @api.exception_handler(AuthenticationError)
    def unauthorized(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        response = problem(401, "Log in, or send a valid bearer token.")
        response["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        # Not the input itself: it may hold what nobody should log.
        errors = [{"loc": e["loc"], "msg": e["msg"], "type": e["type"]} for e in error.errors]
        return problem(422, "The request does not fit the schema.", errors=errors)

    @api.exception_handler(HttpError)
    def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, error.message)

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404, "There is nothing here.")

    @api.exception_handler(Exception)
    def failed(request: HttpRequest, error: Exception) -> HttpResponse:
        log.error("request_failed", exc_info=error)
        return problem(500, "This is our fault. We have a record of it.")
