"""How often each caller may call; `core.api.limits` has the numbers.

For each person and each API key, so that nobody uses up what belongs to somebody else; and for each
network, where nobody is asked who they are.
"""

from dataclasses import dataclass
from time import time
from typing import Annotated

import structlog
from fastapi import Depends, Request
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.api.limits import CALLS, Budget
from core.network import network_of
from service.http.client import client_ip
from service.identity.dependencies import Caller, CurrentPrincipal
from service.limits import Limiter

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Budgets:
    """The counters, in Valkey, so that every process sees the same numbers."""

    limiter: Limiter

    async def spend(self, budget: Budget, who: str) -> dict[str, str]:
        """Count one more; answers what the headers say. Raises 429 when it is one too many."""
        now = time()
        used = await self.count(budget, who, now)
        headers = budget.headers(used, now)
        if problem := budget.exceeded(used, now):
            problem.headers = {**(problem.headers or {}), **headers}
            raise problem
        return headers

    async def count(self, budget: Budget, who: str, now: float) -> int:
        """How many there were in this window, this one included.

        None while Valkey is away, and the log says so: that nobody can work would be worse than
        that somebody works too much.
        """
        key = f"limits/{budget.name}/{who}/{budget.window(now)}"
        try:
            async with Redis(connection_pool=self.limiter.pool).pipeline() as pipeline:
                pipeline.incr(key)
                pipeline.expire(key, budget.seconds, nx=True)
                used, _ = await pipeline.execute()
        except (RedisError, OSError) as error:
            log.error("limit not counted", budget=budget.name, error=type(error).__name__)
            return 0
        return int(used)


async def get_budgets(request: Request) -> Budgets:
    """The counters that the lifespan opened."""
    return Budgets(request.app.state.limiter)


CurrentBudgets = Annotated[Budgets, Depends(get_budgets)]


async def count_call(principal: CurrentPrincipal, budgets: CurrentBudgets) -> dict[str, str]:
    """Counts the call; what the headers of the answer say about it, and who acts as somebody."""
    headers = await budgets.spend(CALLS, principal.name_in_counters)
    if isinstance(principal, Caller) and principal.impersonator_id is not None:
        headers["Impersonated-By"] = str(principal.impersonator_id)
    return headers


async def count_stranger(request: Request, budgets: CurrentBudgets) -> dict[str, str]:
    """Counts a call of somebody who is not asked who they are, by where they call from."""
    return await budgets.spend(CALLS, f"network:{network_of(client_ip(request.scope))}")


CountedStranger = Annotated[dict[str, str], Depends(count_stranger)]
CountedCall = Annotated[dict[str, str], Depends(count_call)]
