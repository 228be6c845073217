"""What the header of every page shows of teams."""

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from web.accounts.models import User
from web.teams.models import Team
from web.teams.request import current_membership


def teams_of_user(request: HttpRequest) -> dict[str, Any]:
    """`my_teams`, and `current_team`; nothing is asked before a template shows them."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    return {
        "my_teams": Team.objects.of(user),
        "current_team": SimpleLazyObject(current_team(request, user)),
    }


def current_team(request: HttpRequest, user: User) -> Callable[[], Team | None]:
    """The team of this page, or the one that the session works for."""

    def found() -> Team | None:
        if team := getattr(request, "team", None):
            return cast("Team", team)
        membership = current_membership(request, user)
        return membership.team if membership else None

    return found
