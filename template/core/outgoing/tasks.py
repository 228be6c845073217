"""The tasks of outgoing webhooks, and when the periodic ones run."""

from core.outbox import Task
from core.outbox.schedule import Periodic


class Deliver(Task, name="outgoing.deliver", queue="webhooks", time_limit=60):
    """Try once to deliver, if that is due."""

    delivery: int


class Sweep(Task, name="outgoing.sweep"):
    """Ask again for deliveries whose task is gone, and forget what is old."""


OUTGOING_SCHEDULE: tuple[Periodic, ...] = (Periodic("outgoing-sweep", "*/10 * * * *", Sweep()),)
