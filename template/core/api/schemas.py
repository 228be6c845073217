"""What goes in and out of `/api/v1`. Nothing that is not named here can be written."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, StringConstraints

from core.teams.roles import Role, Scope

Item = TypeVar("Item")

# No control characters, and none that turn the direction of what follows.
VISIBLE = r"^[^\x00-\x1f\x7f\u2028-\u202e\u2066-\u2069]*$"
CURSOR = "MTIz"
# As large as the column of an id.
Id = Annotated[int, Field(ge=1, lt=2**63, examples=[42])]
Email = Annotated[
    EmailStr,
    AfterValidator(str.lower),
    Field(max_length=254, examples=["ann@example.com"], description="Case makes no difference."),
]
PersonName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=150, pattern=VISIBLE),
    Field(examples=["Ann"], description="How to address the person; may be empty."),
]
Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=VISIBLE),
]


class Body(BaseModel):
    """A request; a field that is not known is an error, so nobody writes what is not offered."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """An answer, read from a row of either framework."""

    model_config = ConfigDict(from_attributes=True)


class Page(Answer, Generic[Item]):
    """One page of a list."""

    # What it is a page of would have none.
    model_config = ConfigDict(json_schema_extra={"description": "One page of a list."})

    items: list[Item]
    next_cursor: str | None = Field(
        description="Send it as `cursor` to get what follows; null on the last page.",
        examples=[CURSOR],
    )

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """`ProjectPage`, as clients that are generated call it."""
        return f"{params[0].__name__}Page"


class PageQuery(BaseModel):
    """Which page of a list."""

    limit: int = Field(default=50, ge=1, le=100, description="How many at most.")
    cursor: str | None = Field(
        default=None,
        description="Where it begins: `next_cursor` of the last page.",
        examples=[CURSOR],
    )


class Me(Answer):
    """The caller."""

    id: Id
    email: Email
    name: PersonName
    is_staff: bool = Field(description="May use the admin.")
    date_joined: datetime


class Profile(Body):
    """What people may change about themselves."""

    name: PersonName


class Team(Answer):
    """A team that the caller belongs to."""

    id: Id
    name: str = Field(examples=["Acme"])
    is_personal: bool = Field(description="Belongs to one person, and lives as long as they do.")
    role: Role | None = Field(description="What the caller is in it; null for an API key.")
    created_at: datetime


class NewTeam(Body):
    """A team to make."""

    name: Title = Field(examples=["Acme"])


class TeamChange(Body):
    """What may be changed about a team."""

    name: Title = Field(examples=["Acme"])


class Member(Answer):
    """Somebody in a team."""

    user_id: Id
    email: str = Field(examples=["ann@example.com"])
    name: str = Field(examples=["Ann"])
    role: Role
    joined_at: datetime


class RoleChange(Body):
    """A new role for a member."""

    role: Role


class Transfer(Body):
    """Who becomes the owner; the caller becomes an admin."""

    user_id: Id


class Invitation(Answer):
    """Somebody who may join a team."""

    id: Id
    email: str = Field(examples=["bob@example.com"])
    role: Role
    invited_by: str | None = Field(description="Who sent it.", examples=["Ann"])
    created_at: datetime
    expires_at: datetime


class NewInvitation(Body):
    """Whom to invite, and as what."""

    email: Email
    role: Role = Role.MEMBER


class ReceivedInvitation(Answer):
    """A team that the caller is invited to."""

    id: Id
    team_name: str = Field(examples=["Acme"])
    role: Role
    invited_by: str | None = Field(description="Who sent it.", examples=["Ann"])
    expires_at: datetime


class Acceptance(Body):
    """The token of the link in the mail."""

    token: str = Field(
        min_length=1,
        max_length=200,
        examples=["zB0u7w2cVHkP1sQ4"],
        description="The `token` of the link.",
        repr=False,
    )


class ApiKey(Answer):
    """A key of a team. The key itself was shown when it was made."""

    id: Id
    name: str = Field(examples=["Deployment"])
    prefix: str = Field(description="How the key begins.", examples=["key_3vKq9A"])
    scopes: list[Scope]
    created_by: str | None = Field(description="Who made it.", examples=["Ann"])
    created_at: datetime
    last_used_at: datetime | None = Field(description="Correct to the minute.")
    expires_at: datetime | None = Field(
        description="Null for a key that does not expire.", examples=[None]
    )


class NewApiKey(Body):
    """A key to make."""

    name: Title = Field(examples=["Deployment"])
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=2)] = [Scope.READ]
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = Field(
        default=None, description="Null for a key that does not expire."
    )


class MadeApiKey(ApiKey):
    """A new key. It is shown only now."""

    key: str = Field(
        description="Send it as `Authorization: Bearer ...`.",
        examples=["key_3vKq9A0dXw5mT1uZbR8nYcJ2"],
        repr=False,
    )


class AuditEntry(Answer):
    """Something that was done in a team."""

    id: Id
    action: str = Field(examples=["member.role_changed"])
    actor_kind: Literal["user", "api_key", "system"]
    actor_id: Id | None
    actor: str | None = Field(
        description="Their name now; null when the account is gone.", examples=["Ann"]
    )
    by_support: bool = Field(description="A member of our staff acted as this person.")
    target_kind: str = Field(examples=["user"])
    target_id: Id | None
    details: dict[str, object] = Field(examples=[{"former": "member", "new": "admin"}])
    ip_address: str | None = Field(examples=["192.0.2.1"])
    created_at: datetime
