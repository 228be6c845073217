"""The account page, and the token by which a page calls the API."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

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
