"""Logins by Google, GitHub and other providers: whose address is believed, and who gets in."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.utils import get_request_param
from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.urls import reverse

from core.env import get_settings
from core.providers import GITHUB, GOOGLE, OIDC
from web.accounts.leaving import View
from web.accounts.models import User
from web.accounts.recent import ask_to_begin_anew

# allauth's name of what asks whether a proof is needed.
APP = "allauth.socialaccount"
# What allauth does with an answer in place of a login.
NO_LOGIN = (AuthProcess.CONNECT, AuthProcess.REDIRECT)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Makes accounts from verified addresses alone, and never joins accounts by an address.

    An account of a provider becomes a way into an account here in two cases: its owner has just
    made the account by it, or is signed in and connects it. Nothing is joined because two
    addresses are equal, so neither a careless provider nor somebody who signed up with a
    stranger's address can open the stranger's account.
    """

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let in whom the provider is known to stand for; refuse what would be a guess."""
        process = sociallogin.state.get("process")
        # allauth would connect it after a later proof, which may be for something else.
        if process == AuthProcess.CONNECT and is_reauthentication_required(request, app=APP):
            raise ImmediateHttpResponse(ask_to_begin_anew(request, reverse("account")))
        # allauth logs in whatever it does not know: an address may ask for any process.
        if sociallogin.is_existing or process in NO_LOGIN:
            return
        email = verified_email(sociallogin)
        context = {"provider": sociallogin.provider}
        if email is None:
            raise refusal(request, "socialaccount/unverified.html", context)
        # The provider has just vouched for the address: its owner may know that it is in use.
        if (
            User.objects.filter(email=email).exists()
            or EmailAddress.objects.filter(email=email).exists()
        ):
            raise refusal(request, "socialaccount/account_exists.html", context)
        sociallogin.user.email = email
        sociallogin.email_addresses = [EmailAddress(email=email, verified=True, primary=True)]

    def get_app(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> SocialApp:
        """The client of this provider; raises `Http404` when it is not set up."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise Http404 from None

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:
        """Back to the page on which one connects."""
        return reverse("account")

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        """The user of a first login, with the name that the provider knows."""
        user: User = super().populate_user(request, sociallogin, data)
        user.name = str(data.get("name") or "")[: User._meta.get_field("name").max_length]
        return user


def proof_before_connecting(view: View) -> View:
    """Ask for the proof before they leave for the other site, not when they are back."""
    guarded: View = reauthentication_required(view, enabled=is_connecting, app=APP)
    return guarded


def is_connecting(request: HttpRequest) -> bool:
    """Whether they want another way in, also before a login: the session would remember it."""
    return bool(get_request_param(request, "process") == AuthProcess.CONNECT)


def connections_of(user: User) -> list[dict[str, Any]]:
    """Somebody's accounts at other sites: which they are, and what they are called there.

    A provider may be set up no longer; then the account opens nothing and can still be removed.
    """
    names = {GOOGLE: "Google", GITHUB: "GitHub", OIDC: get_settings().oidc_name}
    return [
        {
            "pk": account.pk,
            "site": names.get(account.provider, account.provider),
            "name": called(account.extra_data) or account.uid,
        }
        for account in SocialAccount.objects.filter(user=user).order_by("pk")
    ]


def called(answer: dict[str, Any]) -> str:
    """What a person goes by there, as far as the provider's answer says it."""
    claims = answer.get("userinfo") or answer.get("id_token") or answer
    return str(claims.get("email") or claims.get("login") or claims.get("name") or "")


def verified_email(sociallogin: SocialLogin) -> str | None:
    """The address that the provider says is verified, the primary one first."""
    if sociallogin.account.provider == OIDC and not vouches(sociallogin.account.extra_data):
        return None
    verified = [address for address in sociallogin.email_addresses if address.verified]
    verified.sort(key=lambda address: not address.primary)
    return str(verified[0].email).lower() if verified else None


def vouches(answer: dict[str, Any]) -> bool:
    """Whether an OpenID Connect provider says in plain words that the address is verified.

    Some send a text in place of a boolean; allauth would take "false" for true.
    """
    claims = answer.get("userinfo") or answer.get("id_token") or {}
    return claims.get("email_verified") in (True, "true")


def refusal(request: HttpRequest, template: str, context: dict[str, Any]) -> ImmediateHttpResponse:
    """Ends the login with a page that says how to go on."""
    return ImmediateHttpResponse(render(request, template, context, status=403))
