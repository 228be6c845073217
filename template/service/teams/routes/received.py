"""Invitations, as those see them who are invited."""

from core.api.schemas import Acceptance, Id, ReceivedInvitation, Team
from core.teams.roles import Role
from service.api.routes import Routes
from service.db import CurrentSession
from service.identity.dependencies import CurrentCaller
from service.teams import invitations, models, queries
from service.teams.routes.teams import shown as team_shown

router = Routes()


def shown(invitation: models.Invitation) -> ReceivedInvitation:
    """An invitation as the API shows it to the one who is invited."""
    return ReceivedInvitation(
        id=invitation.id,
        team_name=invitation.team.name,
        role=Role(invitation.role),
        invited_by=queries.called(invitation.invited_by),
        expires_at=invitation.expires_at,
    )


@router.operation
async def list_my_invitations(
    caller: CurrentCaller, session: CurrentSession
) -> list[ReceivedInvitation]:
    """Those that the caller may accept; the newest come first."""
    mine = queries.invitations_for(caller.id).order_by(models.Invitation.id.desc())
    return [shown(invitation) for invitation in await session.scalars(mine)]


@router.operation
async def accept_my_invitation(
    invitation_id: Id, caller: CurrentCaller, session: CurrentSession
) -> Team:
    """The team that the caller now belongs to."""
    which = models.Invitation.id == invitation_id
    team, membership = await invitations.accept(session, caller.id, which)
    return team_shown(team, Role(membership.role))


@router.operation
async def decline_my_invitation(
    invitation_id: Id, caller: CurrentCaller, session: CurrentSession
) -> None:
    """It is as if it was taken back."""
    await invitations.decline(session, caller.id, invitation_id)


@router.operation
async def accept_invitation(
    body: Acceptance, caller: CurrentCaller, session: CurrentSession
) -> Team:
    """The team that the caller now belongs to."""
    which = queries.has_token(body.token)
    team, membership = await invitations.accept(session, caller.id, which, token=body.token)
    return team_shown(team, Role(membership.role))
