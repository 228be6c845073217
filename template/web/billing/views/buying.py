"""Ways to Stripe's checkout, and the page on which people come back from it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.billing.access import MANAGE_BILLING, VIEW_BILLING
from core.billing.schemas import CheckoutStart, PurchaseStart
from web.billing import desk
from web.billing.forms import CheckoutForm, PurchaseForm
from web.refusals import refusals_shown
from web.teams.request import TeamRequest, team_permission

# Seconds until the page looks again; each time a little later, and in the end no more.
PATIENCE = (1, 1, 2, 2, 3, 3, 5, 5, 8, 8, 13, 13, 21)


@require_POST
@team_permission(MANAGE_BILLING)
def start_checkout(request: TeamRequest) -> HttpResponse:
    """Go to the page on which a subscription is paid."""
    form = CheckoutForm(request.POST)
    if not form.is_valid():
        return unknown(request, "pricing")
    with refusals_shown(request):
        wanted = CheckoutStart.model_validate(form.cleaned_data)
        return redirect(desk.start_checkout(request.team, request.user, wanted))
    return redirect("pricing")


@require_POST
@team_permission(MANAGE_BILLING)
def start_purchase(request: TeamRequest) -> HttpResponse:
    """Go to the page on which something is paid once."""
    form = PurchaseForm(request.POST)
    if not form.is_valid():
        return unknown(request, "billing", request.team.pk)
    with refusals_shown(request):
        wanted = PurchaseStart.model_validate(form.cleaned_data)
        return redirect(desk.start_purchase(request.team, request.user, wanted))
    return redirect("billing", request.team.pk)


@require_safe
@never_cache
@team_permission(VIEW_BILLING)
def checkout_return(request: TeamRequest) -> HttpResponse:
    """Wait until the news of the payment have come; then go to the billing page.

    Who comes here is signed in as ever: what the address names says nothing about a person.
    """
    session_id = request.GET.get("session_id", "")
    state = desk.checkout_state(request.team, request.user, session_id).status
    if state == "complete":
        messages.success(request, "Thank you. It works from now on.")
        return redirect("billing", request.team.pk)
    if state in ("open", "expired"):
        messages.error(request, "Nothing was paid. You can begin again whenever you like.")
        return redirect("pricing")
    tries = request.GET.get("tries", "")
    number = int(tries) if tries.isdecimal() and len(tries) < 3 else 0
    context = {
        "session_id": session_id,
        "tries": number + 1,
        "state_url": reverse("api:get_checkout", args=[request.team.pk, session_id]),
        "seconds": PATIENCE[number] if number < len(PATIENCE) else None,
    }
    return render(request, "billing/return.html", context)


def unknown(request: HttpRequest, *where: object) -> HttpResponse:
    """An answer to what no page of ours sends."""
    messages.error(request, "There is no such plan any more. Choose another one.")
    return redirect(*where)  # type: ignore[call-overload,no-any-return]
