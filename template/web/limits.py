"""Budgets counted in Valkey, so that every process sees the same numbers."""

from functools import lru_cache
from time import time

import structlog
from django.http import HttpRequest
from limits.storage import RedisStorage
from redis.exceptions import RedisError

from core.api.limits import Budget
from core.env import get_settings

log = structlog.get_logger()
HEADERS = "_limit_headers"


@lru_cache(maxsize=1)
def storage() -> RedisStorage:
    """The counters; their connections are shared by the threads of the process."""
    return RedisStorage(
        get_settings().redis_url,
        key_prefix="limits",
        # Nobody waits longer for a count than for the answer.
        socket_connect_timeout=0.5,
        socket_timeout=0.5,
    )


def spend(budget: Budget, *who: str) -> None:
    """Count one more; raises 429 when it is one too many."""
    now = time()
    if problem := budget.exceeded(used(budget, now, *who), now):
        raise problem


def count(request: HttpRequest, budget: Budget, *who: str) -> None:
    """`spend`, and let the answer say what is left."""
    now = time()
    number = used(budget, now, *who)
    setattr(request, HEADERS, budget.headers(number, now))
    if problem := budget.exceeded(number, now):
        raise problem


def used(budget: Budget, now: float, *who: str) -> int:
    """How many there were in this window, this one included.

    None while Valkey is away, and the log says so: that nobody can work would be worse than that
    somebody works too much.
    """
    key = "/".join(["limits", budget.name, *who, str(budget.window(now))])
    try:
        return storage().incr(key, budget.seconds)
    except (RedisError, OSError) as error:
        log.error("limit_not_counted", budget=budget.name, error=type(error).__name__)
        return 0


def headers_of(request: HttpRequest) -> dict[str, str]:
    """What `count` has left for the answer."""
    found: dict[str, str] = getattr(request, HEADERS, {})
    return found
