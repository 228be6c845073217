"""Where other companies tell what happened. `core.webhooks` explains what becomes of it."""

import structlog
from django.db import DatabaseError, InterfaceError, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.sources import SOURCES
from core.webhooks.body import Refused
from core.webhooks.ledger import RECORD
from core.webhooks.sources import NotSetUp
from web.queue import CurrentTransaction

log = structlog.get_logger()


@csrf_exempt
@require_POST
@transaction.non_atomic_requests
def take_in(request: HttpRequest, source: str) -> HttpResponse:
    """Store an event and ask for its work, once; whoever sends it again is told the same.

    Answers in a few words, which the sender's dashboard shows.
    """
    known = SOURCES.get(source)
    if known is None:
        return answer(404, "nobody of this name sends anything here")
    body = read(request, known.most_bytes)
    if body is None:
        return answer(413, "the body is too large")
    try:
        event = known.verify(body, request.headers)
    except NotSetUp as missing:
        log.error("webhook_source_not_set_up", source=source, reason=str(missing))
        return answer(503, "this source is not set up yet: send it again")
    except Refused as refused:
        log.warning("webhook_refused", source=source, reason=str(refused))
        return answer(400, str(refused))
    if event is None:
        return answer(200, "of no interest here")
    try:
        # One statement, and so a transaction of its own.
        CurrentTransaction().execute(RECORD, event.parameters)
    except (DatabaseError, InterfaceError) as error:
        log.error("webhook_not_stored", source=source, error=type(error).__name__)
        return answer(503, "could not be stored: send it again")
    return answer(200, "stored")


def read(request: HttpRequest, most: int) -> bytes | None:
    """The body, past Django's own limit, which is for forms; None if it is too large."""
    announced = request.META.get("CONTENT_LENGTH")
    if not announced and request.META.get("wsgi.input_terminated"):
        # It comes in chunks, and the server knows its end; Django would take it for empty.
        body: bytes = request.META["wsgi.input"].read(most + 1)
        return None if len(body) > most else body
    # Of what was announced no more is read.
    return None if int(announced or 0) > most else request.read()


def answer(status: int, words: str) -> HttpResponse:
    """What the sender is told."""
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
