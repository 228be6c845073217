"""The webhooks of a team: where events are sent, and how that goes."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.api.schemas import PageQuery
from core.env import get_settings
from core.outgoing import desk
from core.outgoing.events import EVENTS
from core.outgoing.health import lately
from core.outgoing.schemas import DeliveryQuery, Webhook
from core.teams.roles import MANAGE_WEBHOOKS, VIEW_WEBHOOKS
from web.outgoing.forms import DeliveryFilter, WebhookForm
from web.outgoing.words import STATUSES, choosable
from web.queue import CurrentTransaction
from web.refusals import refusals_at_fields, refusals_shown
from web.teams.request import TeamRequest, team_permission

execute = CurrentTransaction().execute
PER_PAGE = 20


@require_safe
@never_cache
@team_permission(VIEW_WEBHOOKS)
def webhooks(request: TeamRequest) -> HttpResponse:
    """All of them, and how they do."""
    team_id = request.team.pk
    found = desk.list_webhooks(execute, team_id, PageQuery(limit=100)).items
    counts = lately(execute, team_id)
    context = {"webhooks": [(each, counts.get(each.id)) for each in found]}
    return render(request, "outgoing/webhooks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@team_permission(MANAGE_WEBHOOKS)
def new_webhook(request: TeamRequest) -> HttpResponse:
    """Make one; its secret is in the answer to that and nowhere else."""
    form = WebhookForm(request.POST or None)
    if form.is_valid():
        with refusals_at_fields(form):
            made = desk.create_webhook(execute, request.team.pk, form.new)
            return page(request, made, secret=made.secret, is_new=True)
    return form_page(request, form)


@require_safe
@never_cache
@team_permission(VIEW_WEBHOOKS)
def webhook(request: TeamRequest, webhook_id: int) -> HttpResponse:
    """One webhook with its deliveries, the newest first."""
    return page(request, desk.get_webhook(execute, request.team.pk, webhook_id))


@require_http_methods(["GET", "HEAD", "POST"])
@team_permission(MANAGE_WEBHOOKS)
def edit_webhook(request: TeamRequest, webhook_id: int) -> HttpResponse:
    """Change it."""
    known = desk.get_webhook(execute, request.team.pk, webhook_id)
    form = WebhookForm.of(known, request.POST or None)
    if form.is_valid():
        with refusals_at_fields(form):
            desk.update_webhook(execute, request.team.pk, webhook_id, form.change)
            messages.success(request, "The webhook is saved.")
            return back_to(request, webhook_id)
    return form_page(request, form, webhook=known)


@require_POST
@team_permission(MANAGE_WEBHOOKS)
def delete_webhook(request: TeamRequest, webhook_id: int) -> HttpResponse:
    """Send nothing any more, and forget what was sent."""
    desk.delete_webhook(execute, request.team.pk, webhook_id)
    messages.success(request, "The webhook is deleted.")
    return redirect("team_webhooks", request.team.pk)


@require_POST
@team_permission(MANAGE_WEBHOOKS)
def enable_webhook(request: TeamRequest, webhook_id: int) -> HttpResponse:
    """Send events again."""
    with refusals_shown(request):
        desk.enable_webhook(execute, request.team.pk, webhook_id)
        messages.success(request, "Events are sent again, those that happen from now on.")
    return back_to(request, webhook_id)


@require_POST
@team_permission(MANAGE_WEBHOOKS)
def disable_webhook(request: TeamRequest, webhook_id: int) -> HttpResponse:
    """Send no more events."""
    with refusals_shown(request):
        desk.disable_webhook(execute, request.team.pk, webhook_id)
        messages.success(request, "No more events are sent.")
    return back_to(request, webhook_id)


@require_POST
@never_cache
@team_permission(MANAGE_WEBHOOKS)
def rotate_secret(request: TeamRequest, webhook_id: int) -> HttpResponse:
    """Change the secret; the new one is in the answer to that and nowhere else."""
    known = desk.lock_webhook(execute, request.team.pk, webhook_id)
    # Whoever loads the answer again would end the secret that receivers still know.
    if request.POST.get("known") != known_state(known):
        messages.error(request, "The secret was changed meanwhile. Change it again if you want to.")
        return back_to(request, webhook_id)
    made = desk.rotate_secret(execute, request.team.pk, webhook_id)
    return page(request, made, secret=made.secret)


def page(request: TeamRequest, webhook: Webhook, **context: Any) -> HttpResponse:
    """A webhook's page; with its `secret` where it is new."""
    types = list(EVENTS)
    chosen = DeliveryFilter(request.GET, types=types)
    # What is no filter shows everything: addresses are typed, too.
    wanted = chosen.cleaned_data if chosen.is_valid() else {}
    cursor = request.GET.get("cursor") or None
    query = DeliveryQuery(
        webhook_id=webhook.id,
        status=wanted.get("status") or None,
        event_type=wanted.get("event_type") or None,
        limit=PER_PAGE,
        cursor=cursor,
    )
    found = desk.list_deliveries(execute, request.team.pk, query)
    until = webhook.former_secret_until
    context |= {
        "webhook": webhook,
        "known": known_state(webhook),
        "both_until": until if until and until > timezone.now() else None,
        "deliveries": [(each, STATUSES[each.status]) for each in found.items],
        "older": found.next_cursor,
        "filter": chosen,
        "types": types,
        "is_filtered": any(wanted.values()),
        "is_later": cursor is not None,
    }
    return render(request, "outgoing/webhook.html", context)


def form_page(
    request: TeamRequest, form: WebhookForm, webhook: Webhook | None = None
) -> HttpResponse:
    """The form; in development with the address of something that takes events."""
    # The sandbox's, which runs beside the product in development.
    receiver = f"{get_settings().origin}/dev/receiver" if settings.DEBUG else ""
    context = {"form": form, "webhook": webhook, "types": choosable(), "receiver": receiver}
    return render(request, "outgoing/form.html", context)


def known_state(webhook: Webhook) -> str:
    """Tells whether the secret was changed since the page was shown."""
    until = webhook.former_secret_until
    return until.isoformat() if until else "never"


def back_to(request: TeamRequest, webhook_id: int) -> HttpResponse:
    """The webhook's page, after a change."""
    return redirect("team_webhook", request.team.pk, webhook_id)
