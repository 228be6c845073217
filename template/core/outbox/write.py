"""The row that asks for a task, for whichever way the caller talks to the database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.logs import current_request_id
from core.outbox.declare import REGISTRY, Task

# Runs a statement in the caller's transaction; answers its rows, if it has any.
Execute = Callable[[str, Mapping[str, Any]], Sequence[Sequence[Any]]]

CHANNEL = "outbox"
# Wakes the relay when the transaction commits; PostgreSQL sends one notice for each transaction.
INSERT = f"""
    WITH message AS (
        INSERT INTO outbox_message
            (task, payload, key, request_id, team_id, schedule, attempts, created_at, available_at)
        VALUES
            (%(task)s, %(payload)s::jsonb, %(key)s, %(request_id)s, %(team_id)s, %(schedule)s, 0,
             now(), coalesce(%(run_at)s::timestamptz, now()))
        ON CONFLICT (task, key) WHERE key IS NOT NULL DO NOTHING
        RETURNING id
    )
    SELECT id, pg_notify('{CHANNEL}', '') FROM message
"""  # noqa: S608  the channel is ours


@dataclass(frozen=True, slots=True)
class Enqueue:
    """A task to run once the caller's transaction commits.

    `enqueue` executes `INSERT` with `parameters` in that transaction.

    Parameters
    ----------
    task
        The payload; its class is the declaration.
    key
        At most one row of this task is ever made for a key (for 30 days after it was done).
    run_at
        Not before this moment.
    team_id
        Whose work it is, for logs and context.
    schedule
        The name of the periodic task that this is a run of.
    """

    task: Task
    key: str | None = None
    run_at: datetime | None = None
    team_id: int | None = None
    schedule: str = ""

    def __post_init__(self) -> None:
        """Refuse what no worker could run. Raises `ValueError`."""
        if REGISTRY.get(self.task.name) is not type(self.task):
            raise ValueError(f"{type(self.task).__name__} is not a declared task")
        if self.key is not None and not 0 < len(self.key) <= 200:
            raise ValueError("a key has 1 to 200 characters")
        if self.run_at is not None and self.run_at.tzinfo is None:
            raise ValueError("run_at needs a time zone")

    @property
    def parameters(self) -> dict[str, Any]:
        """What `INSERT` is executed with."""
        return {
            "task": self.task.name,
            "payload": self.task.model_dump_json(),
            "key": self.key,
            "request_id": current_request_id() or "",
            "team_id": self.team_id,
            "schedule": self.schedule,
            "run_at": self.run_at.astimezone(UTC) if self.run_at else None,
        }


def enqueue(
    execute: Execute,
    task: Task,
    *,
    key: str | None = None,
    run_at: datetime | None = None,
    team_id: int | None = None,
) -> None:
    """Let a worker run the task once the transaction of `execute` commits; see `Enqueue`."""
    message = Enqueue(task, key=key, run_at=run_at, team_id=team_id)
    execute(INSERT, message.parameters)


def parse(task: type[Task], payload: str) -> Task:
    """The payload of a row. Raises `pydantic.ValidationError` if the declaration has changed."""
    return task.model_validate_json(payload)
