"""The cache, which may be away: then it counts as empty, and the site goes on.

Rate limits live in it too, so while Valkey is down they do not hold. That is the choice: people
can log in during an outage, and the log says what happened.
"""

from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = structlog.get_logger()
AWAY_ERRORS = (RedisConnectionError, RedisTimeoutError)

# What each operation answers when the server cannot be reached: that of an empty cache.
AWAY: dict[str, Any] = {
    "add": True,
    "delete": False,
    "delete_many": None,
    "get_many": {},
    "has_key": False,
    "set": None,
    "set_many": None,
    "touch": False,
}


class ForgivingClient(RedisCacheClient):
    """Django's client, whose operations do not fail when the server is away."""

    def __getattribute__(self, name: str) -> Any:
        operation = super().__getattribute__(name)
        if name not in AWAY and name != "get":
            return operation

        def forgiving(*args: Any, **kwargs: Any) -> Any:
            try:
                return operation(*args, **kwargs)
            except AWAY_ERRORS as error:
                log.error("cache_away", operation=name, error=str(error))
                # `get(key, default)`: the default is the answer.
                return args[1] if name == "get" else AWAY[name]

        return forgiving


class ForgivingRedisCache(RedisCache):
    """`django.core.cache.backends.redis.RedisCache` over the forgiving client."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient

    def clear(self) -> None:
        """Forget the keys of this cache alone; Django's own would empty the whole server.

        The queue, the rate limits of the service and the workers' signs of life are there too.
        """
        client = self._cache.get_client(None, write=True)
        # The prefix is the project's slug: letters, digits and hyphens, so no pattern.
        try:
            for key in client.scan_iter(f"{self.key_prefix}:*", count=1000):
                client.unlink(key)
        except AWAY_ERRORS as error:
            log.error("cache_away", operation="clear", error=str(error))
