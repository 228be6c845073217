"""What may be sent again, and when: never what could happen twice, and never too late to matter."""

from typing import Any

from service.fanout.calls import Call, Reason, Reply, Unanswered

# What is meant to have the same effect when it is sent again (RFC 9110, section 9.2.2).
IDEMPOTENT = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE"})
# "Not now" rather than "no".
TEMPORARY = frozenset({429, 502, 503, 504})
# The longest wait before the second attempt, and before any; in seconds.
FIRST_WAIT = 0.05
LONGEST_WAIT = 1.0


def may_repeat(call: Call[Any], outcome: Reply | Unanswered) -> bool:
    """Whether the call may be sent once more after this."""
    if isinstance(outcome, Reply):
        return outcome.status in TEMPORARY and is_idempotent(call)
    if not outcome.was_sent:
        return True
    return outcome.reason is Reason.UNREACHABLE and is_idempotent(call)


def is_idempotent(call: Call[Any]) -> bool:
    """Whether it does no harm twice: by its method, or because the upstream knows it again."""
    return call.method in IDEMPOTENT or any(
        name.lower() == "idempotency-key" for name in call.headers
    )


def seconds_to_wait(attempt: int, retry_after: float | None, chance: float) -> float:
    """How long to wait after this attempt; the first is 1.

    It doubles, and `chance`, from 0 to 1, says how much of it is waited, so that those who failed
    together do not come back together. What the upstream asks for comes on top.
    """
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt - 1, 16))
    return (retry_after or 0.0) + longest * chance
