"""What goes in and out. Nothing that is not named here can be written."""

from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.api.schemas import Body, Email, Me, PersonName

# The bounds keep hashing cheap; the rules for a new password are in `core.passwords`.
Password = Annotated[
    str, Field(min_length=1, max_length=200, examples=["violet kettle marches"], repr=False)
]
LinkToken = Annotated[
    str,
    Field(
        max_length=1000,
        examples=["zB0u7w2cVHkP1sQ4"],
        description="The `token` of the link in the mail.",
        repr=False,
    ),
]
ChallengeToken = Annotated[
    str,
    Field(
        max_length=200,
        examples=["Jw9c0kPq7dT2"],
        description="The `challenge` of the answer before.",
        repr=False,
    ),
]


class Registration(Body):
    """Somebody who wants an account."""

    email: Email
    password: Password
    name: PersonName = ""


class AsCookie(Body):
    """Where the token of the new session goes."""

    cookie: bool = Field(
        default=False,
        description="For browsers: keep the token in a cookie that scripts cannot read.",
    )


class PasswordLogin(AsCookie):
    """Somebody who has an account."""

    email: Email
    password: Password


class CodeLogin(AsCookie):
    """The code of the mail, and where it was asked for."""

    challenge: ChallengeToken
    code: str = Field(
        max_length=40,
        examples=["WDJB-MJHT"],
        description="Case, spaces and the hyphen make no difference.",
        repr=False,
    )


class MailAddress(Body):
    """An address to send a mail to."""

    email: Email


class Verification(Body):
    """The token that was mailed to confirm an address."""

    token: LinkToken


class PasswordReset(Body):
    """The token that was mailed, and the new password."""

    token: LinkToken
    password: Password


class PasswordChange(Body):
    """The present password, and the new one."""

    current_password: Password
    new_password: Password


class Message(BaseModel):
    """What happened, for people."""

    detail: str = Field(examples=["A mail is on its way."])


class CodeSent(Message):
    """Whether or not the address has an account."""

    challenge: str = Field(
        description="Send it back together with the code of the mail.", examples=["Jw9c0kPq7dT2"]
    )


class NewSession(BaseModel):
    """A login. The token is shown only now."""

    token: str | None = Field(
        description="Send it as `Authorization: Bearer ...`; null when a cookie holds it.",
        examples=["kX2v9mQb7sT0uWcR4yZa"],
    )
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  the name of a scheme
    expires_at: datetime
    user: Me


class Session(BaseModel):
    """A login on some device."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    user_agent: str = Field(
        description="What the device called itself.", examples=["Mozilla/5.0 (X11; Linux x86_64)"]
    )
    ip_address: IPv4Address | IPv6Address | None
    created_at: datetime
    last_used_at: datetime | None = Field(description="Correct to the minute.")
    expires_at: datetime
    current: bool = Field(default=False, description="Whether this request came with it.")
