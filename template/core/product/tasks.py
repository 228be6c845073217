"""Yours: the tasks of your product, and when the periodic ones run.

    class ExportProjects(Task, name="product.export_projects"):
        user_id: int

declares a task; its code is a function in `tasks.py` of your product. `docs/tasks.md` has the rest.
"""

from core.outbox.schedule import Periodic

PRODUCT_SCHEDULE: tuple[Periodic, ...] = ()
