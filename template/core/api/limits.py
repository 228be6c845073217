"""How often a caller may call: counted in windows of the clock, so that counting is one step.

The names of the headers are those of an early draft, which most clients know:
https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-06
"""

from dataclasses import dataclass

from core.problems import Problem, too_many_requests


@dataclass(frozen=True)
class Budget:
    """So many in so many seconds."""

    name: str
    amount: int
    seconds: int

    def window(self, now: float) -> int:
        """The number of the present window; part of the counter's key."""
        return int(now) // self.seconds

    def reset(self, now: float) -> int:
        """The seconds until the next window."""
        return self.seconds - int(now) % self.seconds

    def headers(self, used: int, now: float) -> dict[str, str]:
        """What an answer says about what is left."""
        return {
            "RateLimit-Limit": str(self.amount),
            "RateLimit-Remaining": str(max(0, self.amount - used)),
            "RateLimit-Reset": str(self.reset(now)),
        }

    def exceeded(self, used: int, now: float) -> Problem | None:
        """429 when that was one too many."""
        return too_many_requests(self.reset(now)) if used > self.amount else None


# For each person, and for each API key; and for each network, where nobody is asked who they are.
CALLS = Budget("calls", amount=600, seconds=60)
# Mails to strangers: for each team, and for each person who sends them.
INVITATIONS = Budget("invitations", amount=30, seconds=3600)
