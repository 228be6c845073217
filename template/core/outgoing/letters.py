"""The mail to those who look after a team's webhooks, when one is switched off."""

from core.outbox.write import Execute, enqueue
from core.outgoing.links import webhooks_address
from core.outgoing.noting import host_of
from core.tasks import SendMail

CARETAKERS = """
    SELECT person.email, team.name
    FROM teams_membership AS membership
    JOIN accounts_user AS person ON person.id = membership.user_id
    JOIN teams_team AS team ON team.id = membership.team_id
    WHERE membership.team_id = %(team_id)s AND membership.role IN ('owner', 'admin')
      AND person.is_active
    ORDER BY person.id
"""


def post_disabled(execute: Execute, team_id: int, endpoint_url: str, reason: str) -> None:
    """Tell every owner and admin, in the transaction that switches the endpoint off."""
    for email, team in execute(CARETAKERS, {"team_id": team_id}):
        context = {
            "team": team,
            "endpoint": host_of(endpoint_url),
            "reason": reason,
            "url": webhooks_address(team_id),
        }
        mail = SendMail(template="webhook_disabled", to=email, context=context)
        enqueue(execute, mail, team_id=team_id)
