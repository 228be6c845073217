"""`/invitations/accept`: who invites to what; a browser with a session joins by its button."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from core.audit import Actor, ActorKind, acting_as
from core.problems import Problem, not_found
from service.db import CurrentSession
from service.http.client import client_ip
from service.identity.cookie import check_same_origin, cookie_name
from service.identity.dependencies import (
    Caller,
    caller_by_token,
    refuse_impersonation,
    unauthenticated,
)
from service.pages.render import page
from service.pages.routes import failed
from service.pool import CurrentPool, Pool
from service.teams import invitations, queries
from service.teams.tasks import PAGE

router = APIRouter(tags=["pages"])


async def caller_of_browser(request: Request, pool: Pool) -> Caller | None:
    """Who the session in the cookie belongs to."""
    token = request.cookies.get(cookie_name())
    return await caller_by_token(pool, token) if token else None


@router.get(PAGE)
async def show_invitation(
    request: Request, session: CurrentSession, pool: CurrentPool, token: str = ""
) -> HTMLResponse:
    """Shows what the link invites to; looking accepts nothing."""
    invitation = await queries.pending_by_token(session, token)
    if invitation is None:
        return failed(not_found("invitation"))
    caller = await caller_of_browser(request, pool)
    return page(
        "invitation.html",
        team=invitation.team.name,
        inviter=queries.called(invitation.invited_by) or invitation.team.name,
        address=invitation.email,
        caller=caller,
        token=token,
    )


@router.post(PAGE)
async def submit_invitation(
    request: Request,
    token: Annotated[str, Form(max_length=200)],
    session: CurrentSession,
    pool: CurrentPool,
) -> HTMLResponse:
    """Joins the team, for the browser's person, whose verified address the mail was sent to."""
    try:
        check_same_origin(request)
        caller = await caller_of_browser(request, pool)
        if caller is None:
            raise unauthenticated()
        await refuse_impersonation(caller)
        ip = client_ip(request.scope)
        with acting_as(Actor(ActorKind.USER, caller.id, caller.impersonator_id, ip)):
            which = queries.has_token(token)
            team, _ = await invitations.accept(session, caller.id, which, token=token)
        await session.commit()
    except Problem as problem:
        return failed(problem)
    return page("message.html", title=f"Welcome to {team.name}", text="You are a member now.")
