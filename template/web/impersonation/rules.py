"""Who may work as whom, and what nobody does as somebody else."""

from django.http import HttpRequest

from core.api.personal import PERSONAL_TAGS
from web.accounts.models import User

SAFE = ("GET", "HEAD", "OPTIONS")
# Parts of the addresses where a key, a member, an invitation, an owner or a team changes, and
# whatever else the API guards.
GUARDED = {"transfer", "delete", "leave"} | PERSONAL_TAGS - {"me", "teams"}
# Where the person themselves changes.
PROFILE = "api/v1/me"


def may_impersonate(*, hijacker: User, hijacked: User | None) -> bool:
    """Whether this member of staff may work as that person; django-hijack asks before it starts."""
    if hijacked is None or not hijacked.is_active or hijacked.is_staff or hijacked.is_superuser:
        return False
    may = hijacker.has_perm("impersonation.impersonate")
    return may and hijacker.is_active and hijacker.is_staff


def is_for_the_person_alone(request: HttpRequest) -> bool:
    """Whether only the account's owner does this: how they log in, who is in a team, its keys."""
    match = request.resolver_match
    if match is None:
        return False
    unsafe = request.method not in SAFE
    if match.route.startswith("account/"):
        looks = match.url_name == "account" and not unsafe
        return not looks and match.url_name != "account_logout"
    team_goes = request.method == "DELETE" and match.route.endswith("team_id>")
    guarded = match.route == PROFILE or any(part in match.route for part in GUARDED)
    return unsafe and (team_goes or guarded)
