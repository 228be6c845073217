"""The links in mails: absolute, on the project's origin, whoever asked."""

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from core.env import get_settings
from web.accounts.models import User


def absolute(view: str, *args: str) -> str:
    """The full address of a view. Made from the settings: a request's host may be forged."""
    return get_settings().origin + reverse(view, args=args)


def reset_link(user: User) -> str:
    """Opens the page that sets a new password; works until the password changes."""
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return absolute("account_reset_password_from_key", user_pk_to_url_str(user), token)
