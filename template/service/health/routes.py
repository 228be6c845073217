"""`/healthz` says that the process answers; `/readyz` that the database and the broker do."""

import asyncio
from collections.abc import Coroutine
from dataclasses import asdict
from typing import Literal

import structlog
from fastapi import APIRouter
from pydantic import BaseModel, Field
from redis.asyncio import Redis

from core.env import get_settings
from service.http.problems import Problem, documented
from service.outbox.status import current_status
from service.pool import CurrentPool, Pool

# Less than what orchestrators wait for a probe by default (Kubernetes: one second).
TIMEOUT = 0.8

log = structlog.get_logger(__name__)
router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Queue(BaseModel):
    """How the background work is doing, for monitoring."""

    unpublished: int = Field(description="Rows that are due and not handed to the broker yet.")
    later: int = Field(description="Rows that wait for their time.")
    published: int = Field(description="Rows at the broker or with a worker.")
    oldest_unpublished: float = Field(description="Seconds that the oldest due row has waited.")
    dead_letters: int = Field(description="What failed for good and nobody replayed.")
    workers: int = Field(description="Workers that were heard of lately.")


class Ready(BaseModel):
    """What the process needs answers too."""

    status: Literal["ok"] = "ok"
    checks: dict[str, Literal["ok", "down"]] = Field(examples=[{"database": "ok", "broker": "ok"}])
    queue: Queue


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> Alive:
    """Answers as long as the process does. Restart the process when it does not."""
    return Alive()


@router.get("/readyz", summary="Can the process do its work?", responses=documented(503))
async def readyz(pool: CurrentPool) -> Ready:
    """Asks the database and the broker. Send no traffic here while it answers 503."""
    database, broker = await asyncio.gather(
        answers("database", ask_database(pool)), answers("broker", ask_broker())
    )
    checks: dict[str, Literal["ok", "down"]] = {"database": database, "broker": broker}
    if "down" in checks.values():
        raise Problem(503, "not-ready", "Not ready", extra={"checks": checks})
    # A long queue is no reason to take the process out of service.
    queue = asdict(await current_status(pool))
    return Ready(checks=checks, queue=Queue(**{**queue, "workers": len(queue["workers"])}))


async def answers(name: str, question: Coroutine[None, None, None]) -> Literal["ok", "down"]:
    """Whether the question is answered in time. The reason goes to the log, not to strangers."""
    try:
        async with asyncio.timeout(TIMEOUT):
            await question
    except Exception as error:
        log.error("not ready", check=name, error=type(error).__name__)
        return "down"
    return "ok"


async def ask_database(pool: Pool) -> None:
    """Raises when the database does not answer."""
    async with pool.connection(timeout=TIMEOUT) as connection:
        await connection.execute("SELECT 1")


async def ask_broker() -> None:
    """Raises when the broker does not answer."""
    async with Redis.from_url(get_settings().redis_url, socket_timeout=TIMEOUT) as broker:
        await broker.ping()
