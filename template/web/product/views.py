"""Yours: the pages of your product."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What a stranger sees first."""
    return render(request, "product/landing.html")


@require_safe
@login_required
def dashboard(request: HttpRequest) -> HttpResponse:
    """Where people arrive when they have logged in."""
    return render(request, "product/dashboard.html")
