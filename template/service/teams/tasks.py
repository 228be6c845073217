"""What the worker does for teams."""

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session, joinedload

from core.env import get_settings
from core.tasks import SendInvitation
from core.teams.rules import INVITATION_LIFETIME
from core.tokens import digest, new_token
from service import mail
from service.accounts.models import now
from service.tasks import task
from service.teams import queries
from service.teams.models import Invitation

PAGE = "/invitations/accept"


@task(SendInvitation)
def send_invitation(payload: SendInvitation, session: Session) -> None:
    """Mail a new link, unless the invitation is accepted, revoked or too old by now."""
    invitation = session.scalar(
        queries.pending(payload.invitation_id).options(
            joinedload(Invitation.team), joinedload(Invitation.invited_by)
        )
    )
    if invitation is None:
        return
    token = new_token("invite")
    context: dict[str, object] = {
        "inviter": queries.called(invitation.invited_by) or invitation.team.name,
        "team": invitation.team.name,
        "url": f"{get_settings().origin}{PAGE}?token={token}",
    }
    # First, because nobody should wait for the row while a mail server takes its time.
    mail.send_mail("invitation", invitation.email, context)
    session.execute(
        update(Invitation)
        # Not when it was sent again meanwhile: the newer mail has the link that counts.
        .where(Invitation.id == invitation.id, Invitation.expires_at == invitation.expires_at)
        .values(digest=digest(token))
    )


def purge_invitations(session: Session) -> None:
    """Delete what nobody will look at again: ended or too old for a month."""
    past = now() - 4 * INVITATION_LIFETIME
    session.execute(
        delete(Invitation).where(
            or_(
                Invitation.accepted_at < past,
                Invitation.revoked_at < past,
                Invitation.expires_at < past,
            )
        )
    )
