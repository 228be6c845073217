"""What is asked of an upstream, and what comes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request to an upstream.

    Parameters
    ----------
    upstream
        Its name in `UPSTREAMS`.
    path
        Below the upstream's address. What a person typed belongs into `query`.
    parse
        Makes the value of the bytes of the answer. A `ValueError`, such as pydantic's, says that
        they are not what was asked for.
    timeout
        Seconds for the call with all its attempts; waiting for its turn does not count.
    attempts
        How often it is sent at most, where it may be sent again: see `service.fanout.retries`.
    max_bytes
        A longer answer is not read to its end.
    """

    upstream: str
    path: str
    parse: Callable[[bytes], T]
    method: str = "GET"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    timeout: float = 1.0
    attempts: int = 3
    max_bytes: int = 1_048_576


class Reason(StrEnum):
    """Why there is no value."""

    TIMEOUT = "timeout"  # the call's own time was over
    DEADLINE = "deadline"  # the time of all calls was over
    UNREACHABLE = "unreachable"  # no connection, or it broke off
    STATUS = "status"  # an answer that is no success; redirects are not followed
    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"  # no HTTP, or `parse` did not take it
    CIRCUIT_OPEN = "circuit-open"  # not called: it failed again and again just now


@dataclass(frozen=True, slots=True)
class Success(Generic[T]):
    """What `parse` made of the answer. `seconds` have passed since it was asked for."""

    value: T
    attempts: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no value. `status` is that of the answer, where `reason` is STATUS."""

    reason: Reason
    attempts: int
    seconds: float
    status: int | None = None


Result: TypeAlias = Success[T] | Failure


@dataclass(frozen=True, slots=True)
class Reply:
    """What an upstream answered to one attempt; the body only where it is a success."""

    status: int
    body: bytes = b""
    retry_after: str | None = None

    @property
    def is_success(self) -> bool:
        """Whether the status is one of 200 to 299."""
        return 200 <= self.status < 300


class Unanswered(Exception):
    """An attempt that got no answer, and why.

    `was_sent` is False where the upstream certainly saw nothing of the request.
    """

    def __init__(self, reason: Reason, *, was_sent: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.was_sent = was_sent
