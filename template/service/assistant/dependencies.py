"""What the assistant's routes need."""

from typing import Annotated

from fastapi import Depends, Request

from core.assistant.access import USE_ASSISTANT
from core.teams.rules import forbidden, require
from service.assistant.stream import Works
from service.teams.dependencies import CurrentMembership, TeamAccess


async def current_member(team: CurrentMembership) -> TeamAccess:
    """The team of the path, for the person whose conversations these are.

    Answers 403 to staff who act as somebody: what people say to the assistant is not theirs.
    """
    require(team.granted, USE_ASSISTANT)
    if team.caller.impersonator_id is not None:
        raise forbidden("Staff who act as somebody do not read or write their conversations.")
    return team


CurrentMember = Annotated[TeamAccess, Depends(current_member)]


async def current_works(request: Request) -> Works:
    """The answers that this process is writing."""
    works: Works = request.app.state.works
    return works


CurrentWorks = Annotated[Works, Depends(current_works)]
