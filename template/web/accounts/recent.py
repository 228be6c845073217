"""Pages that an open browser must not reach by itself: the person proves again who they are.

By what they do it, and when a login is enough, stands in `web.accounts.adapter`.
"""

import time
from collections.abc import Callable

from allauth.account import app_settings
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

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


def logged_in_recently(request: HttpRequest) -> bool:
    """Whether the last proof is a few minutes old."""
    records = get_authentication_records(request, request.user)
    oldest = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    return any(record["at"] > oldest for record in records)
