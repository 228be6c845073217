"""As members come and go, the subscription of their team follows.

SQLAlchemy itself calls this, however a membership is made or ended, so that nobody can forget it.
"""

from typing import Any

from sqlalchemy import Connection, event, select

from core.billing.tasks import SyncSeats
from core.outbox.write import enqueue
from service.billing.models import Customer
from service.execute import executor
from service.teams.models import Membership


@event.listens_for(Membership, "after_insert")
@event.listens_for(Membership, "after_delete")
def ask_for_seats(mapper: object, connection: Connection, member: Any) -> None:
    """Let a worker count the seats, in the transaction that changes how many they are.

    Teams that never wanted to pay have nothing to bring up to date. Whoever makes the customer of a
    team has the team locked, as its members have who come and go.
    """
    pays = select(Customer.id).where(Customer.team_id == member.team_id)
    if connection.scalar(pays) is not None:
        asked = SyncSeats(team_id=member.team_id)
        enqueue(executor(connection), asked, team_id=member.team_id)
