"""An endpoint that listens to a team, and what it is told."""

from core.outgoing.deliveries import get_delivery, list_deliveries
from core.outgoing.endpoints import create_endpoint
from service.execute import executor
from service.tasks import engine


def listen(team_id: int) -> None:
    """Make an endpoint that wants to know everything."""
    with engine().begin() as connection:
        create_endpoint(executor(connection), team_id, url="https://example.com/hook")


def told(team_id: int) -> list[tuple[str, dict[str, dict[str, object]]]]:
    """The types and the data of what it is told, the oldest first."""
    with engine().begin() as connection:
        execute = executor(connection)
        found = reversed(list_deliveries(execute, team_id))
        logs = [get_delivery(execute, team_id, each.id) for each in found]
    return [(log.delivery.type, log.payload["data"]) for log in logs]
