"""What routes ask of Stripe: what every stack asks, in a thread, because it waits for the answer.

Each time is a transaction of its own, which holds the customer's row while Stripe is asked and ends
before the route goes on. So the session of the route must not hold what is needed there.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import psycopg
from anyio import CapacityLimiter, WouldBlock, to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from core.billing.links import billing_address
from core.billing.shop import Addresses, Shop, TeamFacts, open_shop
from core.env import get_settings
from core.problems import unavailable
from service.db import POOL_SIZE
from service.teams.dependencies import TeamAccess
from service.teams.queries import team_by_id

T = TypeVar("T")

# How many may wait for Stripe in one process. Who comes when it is slow and all of these wait is
# told at once to come again, so that it slows nothing else down. The session of each keeps one of
# the engine's connections, and half of those are for others.
AT_ONCE = CapacityLimiter(POOL_SIZE // 2)
# Seconds that one waits for another who is at the same customer.
LOCK_TIMEOUT = 20


async def at_stripe(action: Callable[[Shop], T]) -> T:
    """What an action of `core.billing` answers; raises its problems."""
    who = object()
    try:
        AT_ONCE.acquire_on_behalf_of_nowait(who)
    except WouldBlock:
        raise unavailable("Too many people are paying this moment.") from None
    try:
        return await to_thread.run_sync(in_transaction, action, limiter=CapacityLimiter(1))
    finally:
        AT_ONCE.release_on_behalf_of(who)


def in_transaction(action: Callable[[Shop], T]) -> T:
    """Run an action in a transaction: all of it is written, or nothing."""
    with psycopg.connect(
        get_settings().database_url,
        connect_timeout=5,
        options=f"-c lock_timeout={LOCK_TIMEOUT}s",
    ) as connection:

        def execute(statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
            cursor = connection.execute(statement.encode(), parameters)
            return cursor.fetchall() if cursor.description else ()

        return action(open_shop(execute))


async def facts(session: AsyncSession, team: TeamAccess) -> TeamFacts:
    """The team, and the person who acts for it."""
    found = await team_by_id(session, team.id)
    return TeamFacts(found.id, found.name, team.caller.email)


def addresses(team_id: int) -> Addresses:
    """Where a person comes back to from Stripe: the front end, which asks `get_checkout`."""
    home = billing_address(team_id)
    return Addresses(done=f"{home}&session_id={{CHECKOUT_SESSION_ID}}", back=home)
