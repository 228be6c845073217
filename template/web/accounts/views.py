"""The account page, and the token by which a page calls the API."""

from operator import attrgetter
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.devices import describe_device
from web.accounts.forms import ProfileForm
from web.accounts.models import AccessToken, User


class SignedInRequest(HttpRequest):
    """A request behind `login_required`."""

    user: User


@require_http_methods(["GET", "POST"])
@login_required
def account(request: SignedInRequest) -> HttpResponse:
    """See and change one's own name, with the way to address and password."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("account")
    return render(request, "account/account.html", {"form": form})


class SessionsView(ListUserSessionsView):
    """Where one is logged in, with the way to end all other sessions."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The sessions, each with its device in words; the one last used first."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        for session in context["sessions"]:
            session.device = describe_device(session.user_agent)
        context["sessions"].sort(key=attrgetter("last_seen_at"), reverse=True)
        return context


@require_POST
@login_required
def end_session(request: SignedInRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions."""
    session = get_object_or_404(UserSession, user=request.user, pk=pk)
    end_sessions(request, [session])
    messages.success(request, "The session was ended.")
    return redirect("usersessions_list")


@require_POST
@never_cache
def page_token(request: HttpRequest) -> HttpResponse:
    """A bearer token for the page of a signed-in person, good for some minutes.

    The page sends it as `Authorization: Bearer ...` to the API and to the service.
    """
    if not isinstance(request.user, User):
        return JsonResponse({"detail": "Log in first."}, status=401)
    text, token = AccessToken.for_page(
        request.user,
        session_key=request.session.session_key or "",
        user_agent=request.headers.get("User-Agent", ""),
        ip_address=get_adapter().get_client_ip(request),
    )
    return JsonResponse({"token": text, "expires_at": token.expires_at.isoformat()})
