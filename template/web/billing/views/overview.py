"""What a team has, uses and has paid."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.billing.access import MANAGE_BILLING, VIEW_BILLING
from core.billing.catalog import CATALOG
from core.env import get_settings
from web.billing import reading
from web.billing.cost import cost_of
from web.billing.models import Invoice, Purchase, Subscription
from web.teams.request import TeamRequest, allows, team_permission

PER_PAGE = 20
NEWEST = 5


@require_safe
@never_cache
@team_permission(VIEW_BILLING)
def billing(request: TeamRequest) -> HttpResponse:
    """The plan, the seats, the usage, the newest invoices, and what was bought."""
    team_id = request.team.pk
    now = reading.billing_of(request.team)
    invoices = Invoice.objects.filter(customer__team=team_id)
    context = {
        "now": now,
        "standing": reading.standing(now),
        "seats": reading.seats(now),
        "cost": cost_of(Subscription.objects.running(team_id)),
        "free": CATALOG.free,
        "invoices": invoices[:NEWEST],
        "has_more": invoices.count() > NEWEST,
        "purchases": Purchase.objects.filter(customer__team=team_id)[:PER_PAGE],
        "for_once": reading.for_once(now.currency),
        "may_manage": allows(request, MANAGE_BILLING) and get_settings().sells,
    }
    return render(request, "billing/billing.html", context)


@require_safe
@never_cache
@team_permission(VIEW_BILLING)
def invoices(request: TeamRequest) -> HttpResponse:
    """All invoices, newest first, a page of them at a time."""
    found = Invoice.objects.filter(customer__team=request.team.pk)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "billing/invoices.html", {"page": page})
