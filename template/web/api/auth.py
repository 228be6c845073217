"""Who may call the API: a signed-in browser, a person's token, or an API key of a team."""

from functools import partial

from django.db import transaction
from django.http import HttpRequest
from ninja.utils import check_csrf
from pydantic import TypeAdapter, ValidationError

from core.api.limits import CALLS
from core.api.operations import Operation
from core.api.schemas import Id
from core.network import network_of
from core.problems import Problem, invalid, not_found
from core.teams.roles import Action, Role, Scope
from web import limits
from web.accounts.bearer import person_with
from web.accounts.models import User
from web.api.caller import ApiRequest, Caller, TeamRequest
from web.api.problems import unauthenticated
from web.audit.middleware import client_ip
from web.teams.models import ApiKey, Team

KEY_PREFIX = "key_"
team_id_of = TypeAdapter(Id)


def known_caller(request: HttpRequest) -> Caller:
    """The caller, counted; raises 401, 403 and 429.

    With a bearer token the cookie is not looked at: no other site can make a browser send one.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    caller = by_token(token.strip()) if scheme.lower() == "bearer" else by_cookie(request)
    if caller is None:
        raise unauthenticated()
    limits.count(request, CALLS, caller.name)
    return caller


def count_stranger(request: HttpRequest) -> None:
    """Count somebody who is not asked who they are by where they call from; raises 429."""
    limits.count(request, CALLS, f"network:{network_of(client_ip(request))}")


def by_token(token: str) -> Caller | None:
    """Whom a valid token stands for."""
    if not token.startswith(KEY_PREFIX):
        user = person_with(token)
        return Caller(user=user) if user else None
    key = ApiKey.objects.all().for_bearer(token)
    if key is None:
        return None
    # Not in this transaction: it would hold the row until its end, and a team's lock comes before.
    transaction.on_commit(partial(note_use, key), robust=True)
    return Caller(key=key)


@transaction.atomic
def note_use(key: ApiKey) -> None:
    """Let people see which keys are still in use."""
    key.mark_used()


def by_cookie(request: HttpRequest) -> Caller | None:
    """The signed-in user; raises 403 for a change that another site may have sent."""
    if not isinstance(request.user, User):
        return None
    if check_csrf(request) is not None:
        raise Problem(
            403,
            "cross-site-request",
            "This request may be forged",
            "Send the CSRF token of the page as `X-CSRFToken`; programs send a bearer token.",
        )
    return Caller(user=request.user)


class Admission:
    """Lets in who may call one operation; the team of the path is found on the way."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def __call__(self, request: TeamRequest) -> Caller:
        """The caller; raises 401, 403, 404 and 429."""
        caller = known_caller(request)
        granted: frozenset[Role | Scope] = frozenset()
        if isinstance(self.operation.who, Action):
            request.team = team_of(request, caller)
            granted = request.granted = granted_to(request.team, caller)
        self.operation.admit(granted, person=caller.user is not None)
        return caller


def team_of(request: ApiRequest, caller: Caller) -> Team:
    """The team in the path; raises 404 to whoever does not belong to it."""
    assert request.resolver_match is not None  # noqa: S101  Django has found the view
    try:
        team_id = team_id_of.validate_python(request.resolver_match.kwargs["team_id"])
    except ValidationError as error:
        raise invalid([("path/team_id", error.errors()[0]["msg"])]) from None
    if caller.key:
        team = caller.key.team if caller.key.team_id == team_id else None
    else:
        team = Team.objects.of(caller.person).filter(pk=team_id).first()
    if team is None:
        raise not_found("team")
    return team


def granted_to(team: Team, caller: Caller) -> frozenset[Role | Scope]:
    """The role of the person, or the scopes of the key."""
    if caller.key:
        return frozenset(Scope(scope) for scope in caller.key.scopes)
    return frozenset({Role(str(team.role))})
