"""Count what is billed by use."""

from django.utils import timezone

from web.billing.models import Usage


def record(team_id: int, meter: str, quantity: int = 1) -> None:
    """Note that a team used something, in the transaction that used it.

    `meter` is a code of `metered` in the plans. Plans that do not bill it cost nothing by it.
    """
    Usage.objects.create(
        team_id=team_id, meter=meter, quantity=quantity, occurred_at=timezone.now()
    )
