"""What holds for every answer below `/api/`, also where no operation was reached."""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core.problems import MEDIA_TYPE, for_status
from web.api.problems import show
from web.limits import headers_of

MAX_BYTES = 1_048_576
Handler = Callable[[HttpRequest], HttpResponse]


def api_answers(get_response: Handler) -> Handler:
    """Bound the bodies, turn Django's error pages into problem documents, say what is left."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            return get_response(request)
        if is_too_large(request):
            return show(for_status(413))
        response = get_response(request)
        if response.status_code >= 400 and response.get("Content-Type") != MEDIA_TYPE:
            response.content = json.dumps(for_status(response.status_code).document())
            response["Content-Type"] = MEDIA_TYPE
            # Of the page it was.
            response["Content-Length"] = str(len(response.content))
        response.headers.setdefault("Cache-Control", "no-store")
        for name, value in headers_of(request).items():
            response[name] = value
        return response

    return middleware


def is_too_large(request: HttpRequest) -> bool:
    """Whether the announced body is over a mebibyte; Django reads no more than is announced."""
    announced = request.headers.get("Content-Length") or "0"
    return announced.isdigit() and int(announced) > MAX_BYTES
