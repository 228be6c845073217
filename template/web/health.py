"""`/healthz`: the process answers. `/readyz`: it can reach what it needs.

A middleware, so that a probe which knows only the address of the container is answered before
host names and HTTPS are checked.
"""

from collections.abc import Callable
from dataclasses import asdict

import structlog
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis import Redis

from core.env import get_settings
from web.outbox.views import current_status

log = structlog.get_logger()
Handler = Callable[[HttpRequest], HttpResponse]
# Seconds: a probe asks often and must not pile up.
TIMEOUT = 2


def health(get_response: Handler) -> Handler:
    """Answer the two probes, hand on everything else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return JsonResponse({"status": "ok"})
        if request.path == "/readyz":
            return ready()
        return get_response(request)

    return middleware


def ready() -> HttpResponse:
    """200 when database and broker answer, else 503; the log has the reason."""
    checks = {"database": answers(ask_database), "broker": answers(ask_broker)}
    ok = all(checks.values())
    words = {name: "ok" if up else "down" for name, up in checks.items()}
    body: dict[str, object] = {"status": "ok" if ok else "down", "checks": words}
    if ok:
        # For monitoring; a long queue is no reason to take the process out of service.
        queue = asdict(current_status())
        body["queue"] = {**queue, "workers": len(queue["workers"])}
    return JsonResponse(body, status=200 if ok else 503)


def answers(ask: Callable[[], object]) -> bool:
    """Whether the call comes back without an error."""
    try:
        ask()
    except Exception as error:
        log.warning("not_ready", check=ask.__name__, error=str(error))
        return False
    return True


def ask_database() -> None:
    """One round trip to PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def ask_broker() -> None:
    """One round trip to Valkey, on a connection of its own."""
    url = get_settings().redis_url
    with Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT) as broker:
        broker.ping()
