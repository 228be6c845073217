"""What goes in and out about logins by providers."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from service.accounts.schemas import AsCookie


class OfferedProvider(BaseModel):
    """A provider that people can log in with."""

    id: str = Field(examples=["google"])
    name: str = Field(description="What the button says.", examples=["Google"])


class Exchange(AsCookie):
    """The code at the end of a login by a provider."""

    exchange_code: str = Field(
        max_length=200,
        examples=["Jw9c0kPq7dT2"],
        description="What followed `#exchange_code=`.",
        repr=False,
    )
    code_verifier: str = Field(
        default="",
        max_length=200,
        examples=["dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"],
        description="Of the `code_challenge` that the login was started with, if it was.",
        repr=False,
    )


class ProviderAddress(BaseModel):
    """Where the browser shall go."""

    url: str = Field(examples=["https://accounts.example.com/authorize?state=Jw9c0kPq7dT2"])


class ConnectedLogin(BaseModel):
    """A login by a provider that opens the caller's account."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    provider: str = Field(examples=["google"])
    date_joined: datetime = Field(description="When it was connected.")
    last_login: datetime
