"""Rate limits, counted in Valkey so that every process sees the same numbers.

Nobody can lock somebody else out: attempts are counted for each client, and for each address only
together with the client that named it.
"""

from dataclasses import dataclass
from time import time
from typing import Annotated

import structlog
from fastapi import Depends, Request
from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from core.env import get_settings
from core.network import network_of
from core.problems import Problem, too_many_requests, unavailable
from core.tokens import digest
from service.http.client import client_ip

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Limit:
    """How often one client may do something: with one address, and at all."""

    name: str
    per_client: str
    per_address: str = ""
    per_account: str = ""


LOGIN = Limit("login", per_address="10/5 minutes", per_client="100/5 minutes")
REGISTER = Limit("register", per_address="5/hour", per_client="30/hour")
RESET = Limit("reset", per_address="5/hour", per_client="30/hour")
VERIFY = Limit("verify", per_address="5/hour", per_client="30/hour")
CODE = Limit("code", per_address="5/hour", per_client="30/hour")
CODE_LOGIN = Limit("code-login", per_client="60/5 minutes")
SECOND_FACTOR = Limit("second-factor", per_client="60/5 minutes")
PASSKEY = Limit("passkey", per_client="100/5 minutes")
REAUTHENTICATE = Limit("reauthenticate", per_address="10/5 minutes", per_client="100/5 minutes")
FACTORS = Limit("factors", per_address="20/hour", per_client="100/hour")
# Codes of six or eight digits, wherever they come from: a year of guessing finds one in ten.
GUESSES = Limit("guesses", per_client="", per_account="30/hour")
CHANGE_EMAIL = Limit("change-email", per_address="5/hour", per_client="30/hour")
EXPORT = Limit("export", per_address="10/hour", per_client="60/hour")
SOCIAL = Limit("social", per_client="60/5 minutes")
CHANGE_PASSWORD = Limit("change-password", per_address="10/5 minutes", per_client="100/5 minutes")
# Seconds: a login waits no longer for a counter that is away.
TIMEOUT = 0.5


class Limiter:
    """Counts attempts. Open and closed with the process."""

    def __init__(self) -> None:
        url = get_settings().redis_url
        self.pool = ConnectionPool.from_url(
            url, socket_connect_timeout=TIMEOUT, socket_timeout=TIMEOUT
        )
        storage = RedisStorage(
            f"async+{url}",
            implementation="redispy",
            key_prefix="limits",
            # The annotation names no objects, but the option takes one.
            connection_pool=self.pool,  # type: ignore[arg-type]
        )
        self.strategy = SlidingWindowCounterRateLimiter(storage)

    async def check(self, limit: Limit, client: str | None, address: str = "") -> None:
        """Count one attempt; raise 429 with `Retry-After` when there were too many.

        When Valkey is away the attempt goes through and an error is logged: that nobody can log in
        would be worse than that guessing is only slowed down by the cost of a password hash.
        """
        network = network_of(client)
        counters: list[tuple[RateLimitItem, tuple[str, ...]]] = [
            (parse(limit.per_client), ("client", network))
        ]
        if address:
            # A digest: addresses of people do not belong into a cache.
            counters.append((parse(limit.per_address), ("address", network, digest(address))))
        for item, key in counters:
            await self.hit(limit, item, *key)

    async def check_account(self, limit: Limit, user_id: int) -> None:
        """Count one attempt at an account, wherever it comes from; raise 429 as `check` does.

        Only for what comes after a first proof: anybody could lock out anybody otherwise. When
        Valkey is away this raises 503: nothing but the count slows down who guesses short codes.
        """
        item, key = parse(limit.per_account), ("account", str(user_id))
        if not await self.hit(limit, item, *key):
            raise unavailable("Attempts cannot be counted now.")

    async def hit(self, limit: Limit, item: RateLimitItem, *key: str) -> bool:
        """Count one attempt on one counter; whether it could be counted."""
        try:
            if not await self.strategy.hit(item, limit.name, *key):
                raise await self.too_many(item, limit.name, *key)
        except (RedisError, OSError) as error:
            log.error("rate limit not counted", limit=limit.name, error=type(error).__name__)
            return False
        return True

    async def too_many(self, item: RateLimitItem, *key: str) -> Problem:
        """The answer to one attempt too many."""
        window = await self.strategy.get_window_stats(item, *key)
        return too_many_requests(max(1, round(window.reset_time - time())))

    async def close(self) -> None:
        """Give the connections back."""
        await self.pool.aclose()


@dataclass(frozen=True)
class ClientLimits:
    """The limiter, for the client of the current request."""

    limiter: Limiter
    client: str | None

    async def check(self, limit: Limit, address: str = "") -> None:
        """Count one attempt of this client; raises 429 when there were too many."""
        await self.limiter.check(limit, self.client, address)

    async def check_account(self, limit: Limit, user_id: int) -> None:
        """Count one attempt at an account; raises 429 or 503."""
        await self.limiter.check_account(limit, user_id)


async def get_limits(request: Request) -> ClientLimits:
    """The limiter that the lifespan opened."""
    return ClientLimits(request.app.state.limiter, client_ip(request.scope))


Limits = Annotated[ClientLimits, Depends(get_limits)]
