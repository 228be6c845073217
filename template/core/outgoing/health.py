"""How the webhooks of a team do lately, for whoever looks at all of them."""

from dataclasses import dataclass

from core.outbox.write import Execute

LATELY = """
    SELECT endpoint_id,
           count(*) FILTER (WHERE status = 'delivered'),
           count(*) FILTER (WHERE status = 'pending'),
           count(*) FILTER (WHERE status = 'failed')
    FROM outgoing_delivery
    WHERE team_id = %(team_id)s AND created_at > now() - interval '7 days'
    GROUP BY endpoint_id
"""


@dataclass(frozen=True, slots=True)
class Lately:
    """What became of the deliveries to an endpoint in the last seven days."""

    delivered: int
    pending: int
    failed: int


def lately(execute: Execute, team_id: int) -> dict[int, Lately]:
    """By the id of the endpoint, for those that were told something."""
    rows = execute(LATELY, {"team_id": team_id})
    return {endpoint_id: Lately(*counts) for endpoint_id, *counts in rows}
