"""The worker: `celery -A service.celery worker`. The relay, `core.outbox.relay`, has the clock."""

# The worker reports that it is alive through the receivers in here.
import core.outbox.status  # noqa: F401
from core.queue import make_celery

app = make_celery("service")
# Finds `tasks.py` in each; your product's is optional.
app.autodiscover_tasks(["service.accounts", "service.teams", "service.product"])
