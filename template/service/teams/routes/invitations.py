"""The invitations that a team has sent."""

from core.api.limits import INVITATIONS
from core.api.pages import page_of
from core.api.schemas import Id, Invitation, NewInvitation, Page
from core.teams.roles import Role
from service.api.budgets import Budgets, CurrentBudgets
from service.api.lists import PageOf, fetch
from service.api.routes import Routes
from service.db import CurrentSession
from service.teams import invitations, models, queries
from service.teams.dependencies import CurrentMembership, TeamAccess

router = Routes()


def shown(invitation: models.Invitation) -> Invitation:
    """An invitation as the API shows it."""
    return Invitation(
        id=invitation.id,
        email=invitation.email,
        role=Role(invitation.role),
        invited_by=queries.called(invitation.invited_by),
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )


async def count_mail(budgets: Budgets, team: TeamAccess) -> None:
    """Raises 429 when the team, or the one who invites, has sent too many mails to strangers."""
    await budgets.spend(INVITATIONS, f"team:{team.id}")
    await budgets.spend(INVITATIONS, team.caller.name_in_counters)


@router.operation
async def list_invitations(
    query: PageOf, team: CurrentMembership, session: CurrentSession
) -> Page[Invitation]:
    """Those that are open."""
    sent = queries.invitations_of(team.id)
    rows = await fetch(session, sent, query, models.Invitation.id, newest_first=True)
    return page_of(rows, query.limit, shown, lambda invitation: invitation.id)


@router.operation
async def create_invitation(
    body: NewInvitation, team: CurrentMembership, session: CurrentSession, budgets: CurrentBudgets
) -> Invitation:
    """The mail goes out when this commits."""
    await count_mail(budgets, team)
    by = team.caller.id
    return shown(await invitations.invite(session, by, team.id, body.email, body.role))


@router.operation
async def resend_invitation(
    invitation_id: Id, team: CurrentMembership, session: CurrentSession, budgets: CurrentBudgets
) -> Invitation:
    """Good for another week."""
    await count_mail(budgets, team)
    return shown(await invitations.resend(session, team.caller.id, team.id, invitation_id))


@router.operation
async def revoke_invitation(
    invitation_id: Id, team: CurrentMembership, session: CurrentSession
) -> None:
    """Nobody can accept it any more."""
    await invitations.revoke(session, team.caller.id, team.id, invitation_id)
