"""The Celery application: `celery -A service.celery worker`, and `beat` for the schedule."""

from celery.schedules import crontab

from core import tasks
from core.queue import make_celery

app = make_celery("service")
# Finds `tasks.py` in each; your product's is optional.
app.autodiscover_tasks(["service.accounts", "service.product"])
app.conf.beat_schedule = {
    "purge-expired": {"task": tasks.PURGE_EXPIRED, "schedule": crontab(hour="3", minute="17")},
}
