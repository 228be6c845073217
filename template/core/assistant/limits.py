"""How many answers a team may have at once, and how many tokens in a month (of UTC)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from core.assistant import problems

# The names of these limits in plans, and of what is billed by use.
STREAMS = "streams"
TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a team may have; None for no limit."""

    streams: int | None
    tokens: int | None
    # A sentence on where there is more.
    more: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """What a team has now, in the transaction that has the team locked."""

    # Answers that are being written, and the tokens of what they were asked.
    running: int
    running_prompts: int
    # Tokens of this month.
    used: int

    def reserved(self, most_tokens: int) -> int:
        """What those that are being written may still use."""
        return self.running_prompts + self.running * most_tokens


def check(limits: Limits, use: Use, most_tokens: int) -> None:
    """Whether one more answer may begin; raises 402 or 429.

    The last answer of a month may go beyond the budget, by itself and no more: whatever was begun
    before it is counted as if it used all that it may.
    """
    if limits.tokens is not None and use.used >= limits.tokens:
        raise problems.budget_used_up(limits.tokens, limits.more)
    if limits.streams is not None and use.running >= limits.streams:
        raise problems.too_many_answers(limits.streams)
    if limits.tokens is not None and use.used + use.reserved(most_tokens) >= limits.tokens:
        raise problems.budget_spoken_for()


def month_of(now: datetime) -> datetime:
    """When the month began."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
