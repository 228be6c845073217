"""Who calls the API: a person, or a program with an API key of a team."""

from dataclasses import dataclass, replace

from django.http import HttpRequest

from core.audit import Actor, ActorKind, current_actor
from core.problems import Problem
from core.teams.roles import Role, Scope
from web.accounts.models import User
from web.teams.models import ApiKey, Team


@dataclass(frozen=True)
class Caller:
    """Either a person or a key."""

    user: User | None = None
    key: ApiKey | None = None

    @property
    def name(self) -> str:
        """The caller in counters and in idempotency keys, such as `user:1`."""
        return f"key:{self.key.pk}" if self.key else f"user:{self.person.pk}"

    @property
    def person(self) -> User:
        """The person; raises 403 when it is a key."""
        if self.user is None:
            raise Problem(403, "person-required", "This is for people", "Log in as a person.")
        return self.user

    @property
    def actor(self) -> Actor:
        """What the audit log says; the middleware has noted where the request comes from."""
        if self.key:
            return replace(current_actor(), kind=ActorKind.API_KEY, id=self.key.pk)
        return replace(current_actor(), kind=ActorKind.USER, id=self.person.pk)


class ApiRequest(HttpRequest):
    """A request whose caller is known."""

    auth: Caller


class TeamRequest(ApiRequest):
    """A request below `/teams/{team_id}`, by somebody who belongs there and may do it.

    `team.role` is the role of the person, and None for a key.
    """

    team: Team
    granted: frozenset[Role | Scope]
