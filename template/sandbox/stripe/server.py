"""The sandbox as a running thing: its state, its API, its deliveries and its ticking clock."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from aiohttp import web

from sandbox.stripe.agenda import run_until
from sandbox.stripe.api import Api
from sandbox.stripe.webhooks import RETRIES, Deliveries, make_endpoint
from sandbox.stripe.world import World

# Nothing is behind them, so they are no secrets. The prefixes are those of Stripe's test mode.
SECRET_KEY = "sk_test_sandbox"  # noqa: S105
WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105
TICK = 1.0  # seconds


class Stripe:
    """One running sandbox."""

    def __init__(
        self,
        world: World,
        *,
        file: Path | None = None,
        retries: Sequence[float] = RETRIES,
        secret_key: str = SECRET_KEY,
    ) -> None:
        self.world = world
        self.file = file
        if file:
            world.load(file)
        self.api = Api(world, secret_key)
        self.deliveries = Deliveries(world, retries)
        self.deliveries.go_on(world.undelivered)
        self._saved: object = None

    def listen_at(self, url: str, events: Sequence[str] = ("*",)) -> None:
        """Have these events delivered there, as the one endpoint whose secret is known."""
        for endpoint in self.world.all("webhook_endpoint"):
            if endpoint["_secret"] == WEBHOOK_SECRET:
                endpoint.update(url=url, enabled_events=list(events))
                return
        make_endpoint(self.world, url, events, WEBHOOK_SECRET)

    def advance(self, *, to: int | None = None, seconds: int = 0) -> int:
        """Move the clock, and let happen what that brings; answers how much it was."""
        return run_until(self.world, to if to is not None else self.world.now() + seconds)

    async def run(self, _: web.Application) -> AsyncIterator[None]:
        """Deliver and tick as long as the server runs."""
        tasks = [asyncio.create_task(self.deliveries.run()), asyncio.create_task(self.tick())]
        yield
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self.save()

    async def tick(self) -> None:
        """Let time pass."""
        while True:
            await asyncio.sleep(TICK)
            run_until(self.world, self.world.now())
            self.save()

    def save(self) -> None:
        """Write down what changed."""
        self.world.undelivered = self.deliveries.still_open()
        changes = (
            sum(self.world.counters.values()),
            self.world.clock.ahead,
            self.world.undelivered,
        )
        if self.file and changes != self._saved:
            self.world.save(self.file)
            self._saved = changes
