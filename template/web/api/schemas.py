"""What the API answers."""

from datetime import datetime

from ninja import Field, Schema


class Me(Schema):
    """The caller."""

    id: int = Field(examples=[42])
    email: str = Field(examples=["ann@example.com"])
    name: str = Field(examples=["Ann"])
    is_staff: bool
    date_joined: datetime


class Problem(Schema):
    """An error, as RFC 9457 has it."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Unauthorized"])
    status: int = Field(examples=[401])
    detail: str = Field(examples=["Log in first."])
    request_id: str | None = Field(None, description="Name it when you ask for help.")
