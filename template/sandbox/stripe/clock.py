"""The sandbox's time, which can be moved forward, and the calendar of billing."""

import calendar
import time
from datetime import UTC, datetime

DAY = 86_400
HOUR = 3_600


class Clock:
    """Runs beside the real time and can be set ahead of it, or stands still until it is moved."""

    def __init__(self, stands_at: int | None = None, *, ahead: int = 0) -> None:
        self._stands_at = stands_at
        self.ahead = ahead  # seconds

    def now(self) -> int:
        """Seconds since 1970."""
        if self._stands_at is not None:
            return self._stands_at
        return int(time.time()) + self.ahead

    def move_to(self, moment: int) -> None:
        """Set it forward; a moment that has passed changes nothing."""
        now = self.now()
        if moment <= now:
            return
        if self._stands_at is not None:
            self._stands_at = moment
        else:
            self.ahead += moment - now


def add_intervals(anchor: int, interval: str, count: int) -> int:
    """The moment `count` intervals after the anchor, in UTC.

    A month that lacks the anchor's day ends on its last (Stripe's documentation: "Billing cycle").
    """
    if interval in {"day", "week"}:
        return anchor + count * (DAY if interval == "day" else 7 * DAY)
    start = datetime.fromtimestamp(anchor, UTC)
    months = start.year * 12 + start.month - 1 + count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def period_after(anchor: int, interval: str, interval_count: int, start: int) -> int:
    """The end of the billing period that starts at `start`."""
    periods = 1
    while add_intervals(anchor, interval, periods * interval_count) <= start:
        periods += 1
    return add_intervals(anchor, interval, periods * interval_count)
