"""The invitations that a team has sent."""

from ninja import Query

from core.api.schemas import Id, Invitation, NewInvitation, Page, PageQuery
from core.problems import not_found
from core.teams.roles import Role
from web.api.caller import TeamRequest
from web.api.lists import page
from web.api.routes import Routes
from web.teams import models

router = Routes()


def shown(invitation: models.Invitation) -> Invitation:
    """An invitation as the API shows it."""
    return Invitation(
        id=invitation.pk,
        email=invitation.email,
        role=Role(invitation.role),
        invited_by=str(invitation.invited_by) if invitation.invited_by else None,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )


def find(request: TeamRequest, invitation_id: int) -> models.Invitation:
    """An open invitation of this team; raises 404."""
    invitations = request.team.invitations.open().select_related("invited_by", "team")
    found = invitations.filter(pk=invitation_id).first()
    if found is None:
        raise not_found("invitation")
    return found


@router.operation
def list_invitations(request: TeamRequest, query: Query[PageQuery]) -> Page[Invitation]:
    """Those that are open."""
    invitations = request.team.invitations.open().select_related("invited_by")
    return page(invitations, query, shown, newest_first=True)


@router.operation
def create_invitation(request: TeamRequest, body: NewInvitation) -> Invitation:
    """The mail goes out when this commits."""
    return shown(request.team.invite(request.auth.person, body.email, body.role))


@router.operation
def resend_invitation(request: TeamRequest, invitation_id: Id) -> Invitation:
    """Good for another week."""
    invitation = find(request, invitation_id)
    invitation.resend(request.auth.person)
    return shown(invitation)


@router.operation
def revoke_invitation(request: TeamRequest, invitation_id: Id) -> None:
    """Nobody can accept it any more."""
    find(request, invitation_id).revoke(request.auth.person)
