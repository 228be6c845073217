"""The worker: `celery -A web.celery worker`. The relay, `core.outbox.relay`, keeps its clock."""

import os

# The worker reports that it is alive through the receivers in here.
import core.outbox.status  # noqa: F401
from core.queue import make_celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings")

app = make_celery("web")
# Celery would open a connection to the database for each task, which takes longer than most tasks.
# `web.queue` replaces one that broke.
app.conf["CELERY_DB_REUSE_MAX"] = 10_000
app.autodiscover_tasks()
