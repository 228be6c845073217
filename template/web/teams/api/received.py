"""Invitations, as those see them who are invited."""

from core.api.schemas import Acceptance, Id, ReceivedInvitation, Team
from core.problems import not_found
from core.teams.roles import Role
from web.accounts.models import User
from web.api.caller import ApiRequest
from web.api.routes import Routes
from web.teams.models import Invitation

router = Routes()


def shown(invitation: Invitation) -> ReceivedInvitation:
    """An invitation as the API shows it to the one who is invited."""
    return ReceivedInvitation(
        id=invitation.pk,
        team_name=invitation.team.name,
        role=Role(invitation.role),
        invited_by=str(invitation.invited_by) if invitation.invited_by else None,
        expires_at=invitation.expires_at,
    )


def find(user: User, invitation_id: int) -> Invitation:
    """One that this person may accept; raises 404."""
    found = Invitation.objects.all().for_user(user).filter(pk=invitation_id).first()
    if found is None:
        raise not_found("invitation")
    return found


def joined(invitation: Invitation, user: User) -> Team:
    """The team, after the invitation was accepted."""
    membership = invitation.accept(user)
    membership.team.role = membership.role
    return Team.model_validate(membership.team)


@router.operation
def list_my_invitations(request: ApiRequest) -> list[ReceivedInvitation]:
    """Those that the caller may accept; the newest come first."""
    mine = Invitation.objects.all().for_user(request.auth.person)
    return [shown(invitation) for invitation in mine.order_by("-pk")]


@router.operation
def accept_my_invitation(request: ApiRequest, invitation_id: Id) -> Team:
    """The team that the caller now belongs to."""
    user = request.auth.person
    return joined(find(user, invitation_id), user)


@router.operation
def decline_my_invitation(request: ApiRequest, invitation_id: Id) -> None:
    """It is as if it was taken back."""
    user = request.auth.person
    find(user, invitation_id).decline(user)


@router.operation
def accept_invitation(request: ApiRequest, body: Acceptance) -> Team:
    """The team that the caller now belongs to."""
    invitation = Invitation.objects.all().with_token(body.token)
    if invitation is None:
        raise not_found("invitation")
    return joined(invitation, request.auth.person)
