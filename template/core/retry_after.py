"""What another server asks for with `Retry-After`: seconds, or a date (RFC 9110, 10.2.3)."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Whoever asks for more means "never"; so it stays a number that one can reckon with.
MOST_SECONDS = timedelta(days=3650).total_seconds()


def parse_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """The seconds that the header asks for, at most ten years; None where it asks for nothing."""
    if value is None:
        return None
    if value.isascii() and value.isdecimal():
        return min(float(value), MOST_SECONDS)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(0.0, (at - (now or datetime.now(UTC))).total_seconds()), MOST_SECONDS)
