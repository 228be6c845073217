"""Changes to a subscription that runs. Each says what it costs, or what it takes, before."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.billing.access import MANAGE_BILLING
from core.billing.catalog import CATALOG
from core.billing.schemas import PlanChange
from core.billing.seats import fits
from web.billing import desk, reading
from web.billing.cost import cost_of
from web.billing.forms import ChangeForm
from web.billing.models import Subscription
from web.refusals import refusals_shown
from web.teams.request import TeamRequest, team_permission


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@team_permission(MANAGE_BILLING)
def change_plan(request: TeamRequest) -> HttpResponse:
    """What the other plan costs, and the change to it."""
    form = ChangeForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return redirect("pricing")
    wanted = PlanChange.model_validate(form.cleaned_data)
    with refusals_shown(request):
        if request.method == "POST":
            confirm_at = desk.change_plan(request.team, request.user, wanted)
            if confirm_at:
                return redirect(confirm_at)
            messages.success(request, f"{request.team} has {CATALOG.plan(wanted.plan).name} now.")
            return redirect("billing", request.team.pk)
        return render(request, "billing/change.html", change_context(request, wanted))
    return redirect("billing", request.team.pk)


def change_context(request: TeamRequest, wanted: PlanChange) -> dict[str, Any]:
    """What a change costs now and from then on, and what goes with the plan; raises 409 and 503."""
    preview = desk.preview_change(request.team, request.user, wanted)
    now = reading.billing_of(request.team)
    return {
        "preview": preview,
        "now": now,
        "cost": cost_of(Subscription.objects.running(request.team.pk)),
        "lost": reading.lost(now, preview.plan),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@team_permission(MANAGE_BILLING)
def cancel(request: TeamRequest) -> HttpResponse:
    """What goes with the subscription, and its end with the period."""
    if request.method == "POST":
        with refusals_shown(request):
            desk.cancel(request.team, request.user)
            messages.success(request, "It ends with its period. Until then nothing changes.")
        return redirect("billing", request.team.pk)
    now = reading.billing_of(request.team)
    if now.subscription is None or now.subscription.cancel_at is not None:
        return redirect("billing", request.team.pk)
    free = CATALOG.free
    context = {
        "now": now,
        "free": free,
        "lost": reading.lost(now, free),
        "crowded": not fits(free, now.members),
    }
    return render(request, "billing/cancel.html", context)


@require_POST
@team_permission(MANAGE_BILLING)
def resume(request: TeamRequest) -> HttpResponse:
    """Take back that it ends."""
    with refusals_shown(request):
        desk.resume(request.team, request.user)
        messages.success(request, "It goes on.")
    return redirect("billing", request.team.pk)


@require_POST
@team_permission(MANAGE_BILLING)
def open_portal(request: TeamRequest) -> HttpResponse:
    """Go to Stripe's pages for the card and the address on the invoices."""
    with refusals_shown(request):
        only_card = "card" in request.POST
        return redirect(desk.open_portal(request.team, request.user, only_card=only_card))
    return redirect("billing", request.team.pk)
