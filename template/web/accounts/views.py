"""The account page, and the token by which a page calls the API."""

from operator import attrgetter
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.signals import social_account_removed
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.audit import AuditAction
from core.devices import describe_device
from core.project import project
from web.accounts.deletion import delete_account, what_stands_in_the_way
from web.accounts.export import export
from web.accounts.forms import DeletionForm, ProfileForm
from web.accounts.history import note
from web.accounts.models import AccessToken, User
from web.accounts.recent import recent_proof_required
from web.accounts.social import connections_of


class SignedInRequest(HttpRequest):
    """A request behind `login_required`."""

    user: User


@require_http_methods(["GET", "POST"])
@login_required
def account(request: SignedInRequest) -> HttpResponse:
    """One's own name, and the way to everything else that belongs to the account."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("account")
    user = request.user
    factors = Authenticator.objects.filter(user=user).values_list("type", flat=True)
    context = {
        "form": form,
        "passkeys": sum(factor == Authenticator.Type.WEBAUTHN for factor in factors),
        "has_app": Authenticator.Type.TOTP in factors,
        "connections": connections_of(user),
        "sessions": len(UserSession.objects.purge_and_list(user)),
    }
    return render(request, "account/account.html", context)


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
@recent_proof_required
def disconnect(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let an account at another site open this one no more."""
    account = get_object_or_404(SocialAccount, user=request.user, pk=pk)
    account.delete()
    social_account_removed.send(SocialAccount, request=request, socialaccount=account)
    mail = "socialaccount/email/account_disconnected"
    get_adapter().send_notification_mail(mail, request.user)
    messages.success(request, "The account was disconnected.")
    return redirect("account")


@require_POST
@never_cache
@recent_proof_required
def export_data(request: SignedInRequest) -> HttpResponse:
    """All that is stored about oneself, as a file."""
    note(request.user, AuditAction.DATA_EXPORTED)
    response = JsonResponse(export(request.user), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{project.slug}-account.json"'
    return response


@require_http_methods(["GET", "POST"])
@never_cache
@recent_proof_required
def delete(request: SignedInRequest) -> HttpResponse:
    """Delete one's own account, once the address is typed."""
    problem = what_stands_in_the_way(request.user)
    form = DeletionForm(request.user, request.POST or None)
    if problem or not form.is_valid():
        context = {"form": form, "problem": problem}
        return render(request, "account/delete.html", context, status=409 if problem else 200)
    delete_account(request.user)
    logout(request)
    messages.success(request, "Your account was deleted.")
    return redirect("landing")


@require_safe
@login_required
def log_in_again(request: SignedInRequest) -> HttpResponse:
    """For who has nothing else that proves who they are, and cannot read their mail now."""
    after = get_next_redirect_url(request) or reverse("account")
    context = {"login": redirect_to_login(after).url}
    return render(request, "account/log_in_again.html", context)


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
