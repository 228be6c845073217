"""Put one of these into a route's parameters, and only known callers reach the route.

`CurrentCaller` is a person; an API key is answered with 403. `CurrentPrincipal` is a person or the
API key of a team.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from fastapi.security.utils import get_authorization_scheme_param

from core.audit import Actor, ActorKind, act_as
from core.teams.roles import Scope
from core.teams.rules import forbidden
from core.tokens import digest
from service.http.client import client_ip
from service.http.problems import Problem, documented
from service.identity import queries
from service.identity.cookie import SAFE_METHODS, check_same_origin, cookie_name
from service.pool import Pool

KEY_PREFIX = "key_"
IMPERSONATION = "impersonation"
# In the scope of a request: whose it is.
KNOWN = "service.principal"
# For the `responses=` of routes with a caller.
UNAUTHENTICATED = documented(401, 403)


@dataclass(frozen=True, slots=True)
class Caller:
    """A user who presented a valid token."""

    id: int
    email: str
    name: str
    is_staff: bool
    is_superuser: bool
    date_joined: datetime
    token_id: int
    token_kind: str
    # The member of staff who acts as this person.
    impersonator_id: int | None = None

    @property
    def name_in_counters(self) -> str:
        """Names the caller where requests are counted or remembered."""
        return f"user:{self.id}"

    @property
    def actor(self) -> tuple[ActorKind, int, int | None]:
        """Who stands in the audit log, and who acted as them."""
        return ActorKind.USER, self.id, self.impersonator_id


@dataclass(frozen=True, slots=True)
class KeyCaller:
    """A program that presented a valid API key of a team."""

    id: int
    team_id: int
    scopes: frozenset[Scope]

    @property
    def impersonator_id(self) -> None:
        """Nobody acts as a program."""
        return

    @property
    def name_in_counters(self) -> str:
        """Names the caller where requests are counted or remembered."""
        return f"key:{self.id}"

    @property
    def actor(self) -> tuple[ActorKind, int, None]:
        """Who stands in the audit log."""
        return ActorKind.API_KEY, self.id, None


Principal = Caller | KeyCaller


class Authentication(SecurityBase):
    """What OpenAPI says of it; `service.identity.openapi` adds that a cookie does as well.

    One dependency that takes the request alone: for each that it needed, FastAPI would spend a
    tenth of what the whole request costs.
    """

    scheme_name = "token"
    model = HTTPBearer(
        description="A person's token or a team's API key, sent as `Authorization: Bearer ...`."
    )


class PrincipalRequired(Authentication):
    """Who calls, by bearer token or else by cookie; answers 401 when neither is valid.

    A change by cookie is answered with 403 when another site may have sent it. With a bearer token
    the cookie is not looked at: no other site can make a browser send such a header.

    Whatever the request records in the audit log from here on names this caller.
    """

    async def __call__(self, request: Request) -> Principal:
        """The same for all who ask in one request: it is looked up once."""
        known: Principal | None = request.scope.get(KNOWN)
        if known is None:
            known = request.scope[KNOWN] = await authenticate(request)
            kind, actor_id, impersonator_id = known.actor
            act_as(Actor(kind, actor_id, impersonator_id, client_ip(request.scope)))
        return known


async def authenticate(request: Request) -> Principal:
    """The caller; raises 401 and 403."""
    scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
    pool: Pool = request.app.state.pool
    principal: Principal | None
    if not token or scheme.lower() != "bearer":
        cookie = request.cookies.get(cookie_name())
        if cookie is None:
            raise unauthenticated()
        if request.method not in SAFE_METHODS:
            check_same_origin(request)
        principal = await caller_by_token(pool, cookie)
    elif token.startswith(KEY_PREFIX):
        principal = await caller_by_key(pool, token)
    else:
        principal = await caller_by_token(pool, token)
    if principal is None:
        raise unauthenticated("invalid_token")
    return principal


current_principal = PrincipalRequired()
CurrentPrincipal = Annotated[Principal, Depends(current_principal)]


class CallerRequired(Authentication):
    """The person who calls; answers 403 to an API key."""

    async def __call__(self, request: Request) -> Caller:
        """Of whoever calls."""
        return person(await current_principal(request))


def person(principal: Principal) -> Caller:
    """The person; raises 403 for an API key."""
    if isinstance(principal, KeyCaller):
        raise Problem(
            403,
            "person-required",
            "This is for people",
            "An API key cannot do this. Log in as a person.",
        )
    return principal


current_caller = CallerRequired()
CurrentCaller = Annotated[Caller, Depends(current_caller)]


async def refuse_impersonation(caller: CurrentCaller) -> None:
    """Answers 403 to staff who act as somebody: what gives access is not theirs to change."""
    if caller.impersonator_id is not None:
        raise forbidden("Staff who act as somebody do not change how that person logs in.")


# For the `dependencies=` of routes.
NOT_IMPERSONATED = Depends(refuse_impersonation)


async def caller_by_token(pool: Pool, token: str) -> Caller | None:
    """The active user of a token that has not expired."""
    row = await queries.find_caller(pool, digest(token))
    if row is None:
        return None
    if is_long_ago(row["last_used_at"]):
        await queries.mark_used(pool, row["token_id"])
    return Caller(
        id=row["user_id"],
        email=row["email"],
        name=row["name"],
        is_staff=row["is_staff"],
        is_superuser=row["is_superuser"],
        date_joined=row["date_joined"],
        token_id=row["token_id"],
        token_kind=row["kind"],
        impersonator_id=row["impersonator_id"],
    )


async def caller_by_key(pool: Pool, key: str) -> KeyCaller | None:
    """The API key, if it is neither revoked nor expired."""
    row = await queries.find_key(pool, digest(key))
    if row is None:
        return None
    if is_long_ago(row["last_used_at"]):
        await queries.mark_key_used(pool, row["id"])
    return KeyCaller(
        id=row["id"],
        team_id=row["team_id"],
        scopes=frozenset(Scope(scope) for scope in row["scopes"]),
    )


def is_long_ago(last_used_at: datetime | None) -> bool:
    """Whether it is time to note that something is used."""
    return last_used_at is None or last_used_at < datetime.now(UTC) - timedelta(minutes=1)


def unauthenticated(error: str | None = None) -> Problem:
    """401 with the challenge that RFC 6750 asks for; the same for every kind of wrong token."""
    challenge = f'Bearer error="{error}"' if error else "Bearer"
    return Problem(
        401,
        "unauthenticated",
        "Log in first",
        "Send a valid token as `Authorization: Bearer ...`.",
        headers={"WWW-Authenticate": challenge},
    )
