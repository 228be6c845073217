"""The page that shows staff how the queue is doing."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from redis import RedisError

from core.outbox.status import COUNT, QueueStatus, queue_status, workers_alive
from web.queue import CurrentTransaction


def current_status() -> QueueStatus:
    """The state of the outbox now. Raises `redis.RedisError` when the broker is away."""
    return queue_status(CurrentTransaction().execute(COUNT, {})[0], workers_alive())


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Queue depth, oldest row, dead letters and workers."""
    context = {**admin.site.each_context(request), "title": "Queue"}
    try:
        context["status"] = current_status()
    except RedisError:
        context["status"] = queue_status(CurrentTransaction().execute(COUNT, {})[0], ())
        context["broker_away"] = True
    return render(request, "admin/outbox/status.html", context)
