"""What the worker does for teams."""

from core.tasks import SendInvitation
from web import mail
from web.accounts.links import absolute
from web.queue import task
from web.teams.models import Invitation


@task(SendInvitation)
def send_invitation(payload: SendInvitation) -> None:
    """Mail a new link, unless the invitation is accepted, revoked or too old by now."""
    pending = Invitation.objects.pending().select_related("team", "invited_by")
    invitation = pending.filter(pk=payload.invitation_id).first()
    if invitation is None:
        return
    context: dict[str, object] = {
        "inviter": str(invitation.invited_by or invitation.team),
        "team": invitation.team.name,
        "url": f"{absolute('accept_invitation')}?token={invitation.make_token()}",
    }
    mail.send_mail("invitation", invitation.email, context)
