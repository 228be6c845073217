"""Declare a task: its name, its payload and how it is run. The code of the task is elsewhere."""

import random
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

# Queues by urgency: a worker takes from the first that has work.
QUEUES = ("urgent", "default", "mail", "webhooks")

REGISTRY: dict[str, type["Task"]] = {}


class GiveUp(Exception):
    """Raise it in a task that will not succeed by trying again: it becomes a dead letter."""


class Task(BaseModel):
    """The payload of a task; the subclass is its declaration.

        class ResizeImage(Task, name="product.resize_image"):
            image_id: int

    Keep payloads small and free of secrets: ids, not documents, and no tokens.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: ClassVar[str]
    queue: ClassVar[str]
    max_attempts: ClassVar[int]
    time_limit: ClassVar[int]
    # A statement that notes a failed attempt where people look for it; its parameters are those of
    # the payload, and `error`.
    note_failure: ClassVar[str] = ""

    def __init_subclass__(
        cls,
        *,
        name: str,
        queue: str = "default",
        max_attempts: int = 9,
        time_limit: int = 270,
    ) -> None:
        """Register the declaration.

        Parameters
        ----------
        name
            What the task is called in the outbox and at the broker; it never changes.
        queue
            One of `QUEUES`.
        max_attempts
            How often it is tried before it becomes a dead letter; nine span about 45 minutes.
        time_limit
            Seconds after which a try is ended and counts as failed.

        Raises `ValueError` for a name that is taken and a queue that does not exist.
        """
        if name in REGISTRY:
            raise ValueError(f"there is a task {name!r} already: {REGISTRY[name].__qualname__}")
        if queue not in QUEUES:
            raise ValueError(f"there is no queue {queue!r}: choose one of {', '.join(QUEUES)}")
        cls.name, cls.queue = name, queue
        cls.max_attempts, cls.time_limit = max_attempts, time_limit
        REGISTRY[name] = cls

    @classmethod
    def delay_after(cls, attempt: int) -> float:
        """Seconds to wait after this failed attempt: doubled each time, at most an hour.

        The jitter spreads tasks that failed together, as after an outage of a provider.
        """
        return float(min(10 * 2 ** (attempt - 1), 3600) * random.uniform(0.75, 1.25))  # noqa: S311
