"""The worker and the scheduler: `celery -A web.celery worker` and `celery -A web.celery beat`."""

import os

from celery.schedules import crontab

from core import tasks
from core.queue import make_celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings")

app = make_celery("web")
app.autodiscover_tasks()
# Times are UTC.
app.conf.beat_schedule = {
    "purge-expired": {"task": tasks.PURGE_EXPIRED, "schedule": crontab(hour="3", minute="15")},
}
