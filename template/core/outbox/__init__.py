"""Work that must happen: written in the transaction that asks for it, run once it committed.

A row of `outbox_message` is the work, from the moment it is asked for until it is done. The relay
tells Celery about it; a worker claims the row, runs the task and removes the row, in one
transaction with what the task does. So the broker may lose or repeat what it was told: the row
decides. PostgreSQL is the only thing that must not forget.

A transaction of a relay or a worker that needs several tables comes to `outbox_message` first. So
whoever must have several for himself, as a TRUNCATE or a migration must, locks that one first too:
then he waits for nobody who waits for him.
"""

from core.outbox.declare import GiveUp, Task
from core.outbox.write import Enqueue

__all__ = ["Enqueue", "GiveUp", "Task"]
