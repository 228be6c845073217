"""Count what is billed by use."""

from core.billing import usage
from web.queue import CurrentTransaction


def record(team_id: int, meter: str, quantity: int = 1) -> None:
    """Note that a team used something, in the transaction that used it; see `core.billing.usage`.

    `meter` is a code of `metered` in the plans; raises LookupError for any other.
    """
    usage.record(CurrentTransaction().execute, team_id, meter, quantity)
