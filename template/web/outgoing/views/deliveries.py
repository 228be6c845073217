"""One delivery: what was sent, what was answered, and once more."""

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.outgoing import desk
from core.outgoing.events import TestEvent
from core.teams.roles import RESEND_WEBHOOKS, VIEW_WEBHOOKS
from web.outgoing.words import STATUSES
from web.queue import CurrentTransaction
from web.refusals import refusals_shown
from web.teams.request import TeamRequest, team_permission

execute = CurrentTransaction().execute


@require_safe
@never_cache
@team_permission(VIEW_WEBHOOKS)
def delivery(request: TeamRequest, delivery_id: int) -> HttpResponse:
    """All that was sent and answered, the newest attempt first."""
    found = desk.get_delivery(execute, request.team.pk, delivery_id)
    context = {
        "delivery": found,
        "status": STATUSES[found.status],
        "webhook": desk.get_webhook(execute, request.team.pk, found.webhook_id),
        "body": json.dumps(found.payload, ensure_ascii=False, indent=2),
    }
    return render(request, "outgoing/delivery.html", context)


@require_POST
@team_permission(RESEND_WEBHOOKS)
def redeliver(request: TeamRequest, delivery_id: int) -> HttpResponse:
    """Send it again."""
    with refusals_shown(request):
        desk.redeliver(execute, request.team.pk, delivery_id)
        messages.success(request, "It is sent again.")
    return redirect("webhook_delivery", request.team.pk, delivery_id)


@require_POST
@team_permission(RESEND_WEBHOOKS)
def send_test(request: TeamRequest, webhook_id: int) -> HttpResponse:
    """Send an example of an event, and show what becomes of it."""
    event_type = request.POST.get("event_type") or TestEvent.type
    with refusals_shown(request):
        sent = desk.send_test(execute, request.team.pk, webhook_id, event_type)
        messages.success(request, "A test is on its way. Load this page again to see the answer.")
        return redirect("webhook_delivery", request.team.pk, sent.id)
    return redirect("team_webhook", request.team.pk, webhook_id)
