"""Pages that an open browser must not reach by itself: the person proves again who they are."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

View = Callable[..., HttpResponse]


def recent_proof_required(view: View) -> View:
    """Let in who has just shown the password, a passkey or a code of their app.

    allauth lets in who has none of these, such as somebody who logs in by mail or by another site.
    They have to have logged in just now.
    """
    proven = reauthentication_required(view)

    @login_required
    @wraps(view)
    def recent(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if get_reauthentication_flows(request.user):
            response: HttpResponse = proven(request, *args, **kwargs)
            return response
        return proven_by_login(view)(request, *args, **kwargs)

    return recent


def proven_by_login(view: View) -> View:
    """For views of allauth that ask for a proof: who has none must have logged in just now.

    Else whoever finds such a person's open browser could give themselves a way in.
    """

    @wraps(view)
    def recent(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if must_log_in_again(request):
            return log_in_again(request)
        return view(request, *args, **kwargs)

    return recent


def must_log_in_again(request: HttpRequest) -> bool:
    """Whether they are signed in, have nothing else to show, and that is a while ago."""
    if not request.user.is_authenticated or get_reauthentication_flows(request.user):
        return False
    return not logged_in_recently(request)


def log_in_again(request: HttpRequest) -> HttpResponse:
    """Says that only a new login proves who they are."""
    return render(request, "account/log_in_again.html", status=403)


def logged_in_recently(request: HttpRequest) -> bool:
    """Whether the last proof is a few minutes old."""
    records = get_authentication_records(request, request.user)
    oldest = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    return any(record["at"] > oldest for record in records)
