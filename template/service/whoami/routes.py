"""Who the caller is, as the service sees it."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from service.identity.dependencies import UNAUTHENTICATED, CurrentCaller

router = APIRouter(tags=["identity"])


class Me(BaseModel):
    """The user behind the token."""

    id: int
    email: str = Field(examples=["ann@example.com"])
    name: str = Field(description="May be empty.", examples=["Ann"])
    token: Literal["page", "session"] = Field(
        description="What the token stands for: a page of a signed-in person, or a login by API."
    )


@router.get("/service/me", summary="Who am I?", responses=UNAUTHENTICATED)
async def read_me(caller: CurrentCaller) -> Me:
    """The user behind the bearer token."""
    return Me.model_validate(
        {
            "id": caller.id,
            "email": caller.email,
            "name": caller.name,
            "token": caller.token_kind,
        }
    )
