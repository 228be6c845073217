"""What is between two requests of a login: kept in Valkey for minutes, and used at most once.

Codes, WebAuthn challenges, what OpenID Connect is to come back with, logins that wait for their
second factor. Each is known by a random token that only the client has; Valkey holds its digest.
When Valkey is away nobody gets further: 503.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

from core.env import get_settings
from core.problems import unavailable
from core.tokens import digest, new_token

log = structlog.get_logger(__name__)

# How often somebody may be wrong about one challenge before it is void.
MOST_ATTEMPTS = 5


class Challenges:
    """The challenges in Valkey. Opened and closed with the process."""

    def __init__(self) -> None:
        url = get_settings().redis_url
        self.pool = ConnectionPool.from_url(url, socket_connect_timeout=0.5, socket_timeout=0.5)
        self.valkey = Redis(connection_pool=self.pool)

    async def make(self, purpose: str, content: dict[str, Any], lifetime: timedelta) -> str:
        """Keep the content; answers with the token that finds it, for this purpose alone."""
        token = new_token(purpose)
        await self.keep(purpose, token, content, lifetime)
        return token

    async def keep(
        self, purpose: str, token: str, content: dict[str, Any], lifetime: timedelta
    ) -> None:
        """Keep the content under a token that is there already."""
        async with closed_when_away():
            await self.valkey.set(key_of(purpose, token), json.dumps(content), ex=lifetime)

    async def look(self, purpose: str, token: str) -> dict[str, Any] | None:
        """The content, which stays; None when it was used, is too old or never was."""
        async with closed_when_away():
            return read(await self.valkey.get(key_of(purpose, token)))

    async def attempt(self, purpose: str, token: str) -> dict[str, Any] | None:
        """The content for one more try; None after too many. Each try is counted before it."""
        key = key_of(purpose, token)
        async with closed_when_away(), self.valkey.pipeline(transaction=True) as pipeline:
            pipeline.incr(f"{key}:attempts")
            pipeline.expire(f"{key}:attempts", timedelta(hours=1))
            pipeline.get(key)
            attempts, _, content = await pipeline.execute()
        return read(content) if attempts <= MOST_ATTEMPTS else None

    async def take(self, purpose: str, token: str) -> dict[str, Any] | None:
        """The content, which is gone now: of two who take it at once, one gets it."""
        async with closed_when_away():
            return read(await self.valkey.getdel(key_of(purpose, token)))

    async def close(self) -> None:
        """Give the connections back."""
        await self.pool.aclose()


def key_of(purpose: str, token: str) -> str:
    """Where it is kept; who reads Valkey learns no token."""
    return f"challenge:{purpose}:{digest(token)}"


def read(content: bytes | str | None) -> dict[str, Any] | None:
    """What was kept."""
    found: dict[str, Any] | None = None if content is None else json.loads(content)
    return found


@asynccontextmanager
async def closed_when_away() -> AsyncIterator[None]:
    """Nobody passes unseen: without Valkey nothing can be known to be used only once."""
    try:
        yield
    except (RedisError, OSError) as error:
        log.error("challenges do not answer", error=type(error).__name__)
        raise unavailable("This way to log in does not work at the moment.") from None


async def get_challenges(request: Request) -> Challenges:
    """The challenges that the lifespan opened."""
    challenges: Challenges = request.app.state.challenges
    return challenges


CurrentChallenges = Annotated[Challenges, Depends(get_challenges)]
