"""`Idempotency-Key`: an equal request gets the same answer; `core.api.idempotency` explains."""

from collections.abc import Callable

from django.db import connection
from django.http import HttpResponse

from core.api.idempotency import (
    CLAIM,
    FIND,
    FINISH,
    HEADER,
    StoredAnswer,
    attempt,
    finished,
    replayed,
)
from web.api.caller import ApiRequest

REPLAYED = "Idempotent-Replayed"
# What else belongs to an answer, besides its status and its body.
KEPT = ("Content-Type", "ETag")


def once(request: ApiRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer, or that which an equal request got before.

    A request that fails rolls back, and with it goes the row: it may be repeated.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return answer()
    made = attempt(request.auth.name, key, str(request.method), request.path, request.body)
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, made.parameters)
        if cursor.fetchone() is None:
            cursor.execute(FIND, made.parameters)
            # None if it was just now too old; then this request is the first again.
            found = cursor.fetchone()
            return again(replayed(made, *found)) if found else once(request, answer)
        response = answer()
        headers = {name: response[name] for name in KEPT if name in response}
        body = response.content.decode()
        cursor.execute(FINISH, finished(made, response.status_code, headers, body))
    return response


def again(stored: StoredAnswer) -> HttpResponse:
    """The stored answer, marked as such."""
    return HttpResponse(
        stored.body, status=stored.status, headers={**stored.headers, REPLAYED: "true"}
    )
