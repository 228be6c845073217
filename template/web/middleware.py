"""The request id, the access log, the content security policy and pages for refused requests."""

import time
from collections.abc import Callable
from functools import cache

import structlog
from csp.constants import HEADER, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core.logs import REQUEST_ID_HEADER, bind_request_id, clear_request_id
from core.problems import MEDIA_TYPE, Problem

log = structlog.get_logger()
Handler = Callable[[HttpRequest], HttpResponse]
DATA = frozenset({"application/json", MEDIA_TYPE})


def request_log(get_response: Handler) -> Handler:
    """Give the request an id, answer with it, and log one line when it is done."""

    def middleware(request: HttpRequest) -> HttpResponse:
        clear_request_id()
        request_id = bind_request_id(request.headers.get(REQUEST_ID_HEADER))
        start = time.perf_counter()
        response = get_response(request)
        response[REQUEST_ID_HEADER] = request_id
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            ms=round((time.perf_counter() - start) * 1000, 1),
        )
        return response

    return middleware


@cache
def policy_of_settings() -> str:
    """As it goes over the wire."""
    return build_policy()


class ContentSecurityPolicy(CSPMiddleware):
    """The strict policy of the settings, and for the admin what its Alpine.js cannot do without."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """The policy; data has that of the settings, which is put together once."""
        if response.get("Content-Type") not in DATA:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, policy_of_settings())
        return response

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """The policy of one answer."""
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith("/admin/"):
            parts.update = {
                "script-src": [SELF, UNSAFE_EVAL],
                "style-src": [SELF, UNSAFE_INLINE],
                **(parts.update or {}),
            }
        return parts


class ProblemPages:
    """Shows a `Problem` that a page raised; what the request wrote is rolled back."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Do nothing where nothing was raised."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page that says what is wrong; other exceptions are Django's to handle."""
        if not isinstance(exception, Problem):
            return None
        # Some kinds have a page of their own, as `problem_402.html` where something is sold.
        templates = [f"problem_{exception.status}.html", "problem.html"]
        response = render(request, templates, {"problem": exception}, status=exception.status)
        for name, value in (exception.headers or {}).items():
            response[name] = value
        return response
