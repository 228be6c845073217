"""Pages that an open browser must not reach by itself: the person proves again who they are.

By what they do it, and when a login is enough, stands in `web.accounts.adapter`.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import (
    STATE_SESSION_KEY,
    get_reauthentication_flows,
)
from allauth.account.utils import passthrough_next_redirect_url
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

View = Callable[..., HttpResponse]
# allauth's name of a proof by a code that comes by mail.
MAILED_CODE = "reauthenticate_by_code"


def recent_proof_required(view: View) -> View:
    """Let in who has just proved again who they are; allauth asks everybody else."""
    guarded: View = login_required(reauthentication_required(view))
    return guarded


def has_login_alone(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether they have neither password nor second factor: they log in by mail or another site."""
    return all(flow["id"] == MAILED_CODE for flow in get_reauthentication_flows(user))


def for_login_alone(view: View) -> View:
    """For allauth's view of the mailed code: one that was sent before they got more counts no more.

    Where it is asked for, allauth leads to what they have now.
    """

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if has_login_alone(request.user):
            return view(request, *args, **kwargs)
        asks = reverse("account_request_reauthentication_code")
        return redirect(passthrough_next_redirect_url(request, asks, REDIRECT_FIELD_NAME))

    return guarded


def logged_in_recently(request: HttpRequest) -> bool:
    """Whether the last proof is a few minutes old."""
    records = get_authentication_records(request, request.user)
    oldest = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    return any(record["at"] > oldest for record in records)


class AskForProof:
    """Asks whom a view refused for a proof, and keeps nothing of what they wanted.

    allauth keeps it in the session, with all that was typed, and does it after the next proof,
    whatever that one is for: who finds an open browser could leave something there that its owner
    confirms unknowingly. So people go back to where they were, and press once more.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Do nothing where nothing was refused."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page that asks; comes before allauth's middleware, which would keep the request."""
        if not isinstance(exception, ReauthenticationRequired):
            return None
        if request.method in ("GET", "HEAD"):
            return ask_for_proof(request, request.get_full_path())
        return ask_to_begin_anew(request, own_page_before(request))


def ask_for_proof(request: HttpRequest, after: str) -> HttpResponse:
    """Lead to the page that asks for what they have, and from there to another one."""
    # What an older version kept there must not be done, either.
    request.session.pop(STATE_SESSION_KEY, None)
    methods = get_adapter().get_reauthentication_methods(request.user)
    return redirect_to_login(after, methods[0]["url"] if methods else None)


def ask_to_begin_anew(request: HttpRequest, after: str) -> HttpResponse:
    """Ask for a proof and say that what they wanted was not done."""
    if request.user.is_authenticated:
        messages.info(request, "This is not done yet. Prove that it is you, then do it again.")
    return ask_for_proof(request, after)


def own_page_before(request: HttpRequest) -> str:
    """The page of this site on which they pressed a button, or that of the account."""
    page: str = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, request.get_host(), request.is_secure()):
        return reverse("account")
    return urlsplit(page)._replace(scheme="", netloc="").geturl()
