"""Yours: what the service answers beside Django. This greeting is an example to change."""

from fastapi import APIRouter
from pydantic import BaseModel

from service.identity.dependencies import UNAUTHENTICATED, CurrentCaller

router = APIRouter(prefix="/service", tags=["product"])


class Greeting(BaseModel):
    """What the service says to whom it knows."""

    greeting: str


@router.get("/greeting", summary="Greet me", responses=UNAUTHENTICATED)
async def read_greeting(caller: CurrentCaller) -> Greeting:
    """Greets the caller by name. `CurrentCaller` lets only people with a valid token in."""
    return Greeting(greeting=f"Hello, {caller.name or caller.email}!")
