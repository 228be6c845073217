"""What people are told when the provider does not answer; what to do about it is in the logs.

The provider's own words are told to nobody and not logged: they may repeat a key or a question.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from pydantic_core import from_json

from core.problems import Problem
from core.retry_after import parse_retry_after

LONGEST_CODE = 100  # characters
LONGEST_WAIT = 3600  # seconds that we pass on
WAIT = 10  # seconds, of a provider that has too much to do and names no time

log = structlog.get_logger(__name__)


class ProviderFailed(Exception):
    """There is no answer, or no more of it; the problem says why, in words for people."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.kind)
        self.problem = problem


def not_set_up() -> ProviderFailed:
    """No provider is configured."""
    return failure(503, "not-set-up", "The assistant is not set up", "Nobody has set it up yet.")


def unreachable(error: str) -> ProviderFailed:
    """There is no connection."""
    log.warning("model unreachable", error=error)
    return failure(502, "unreachable", "The assistant cannot be reached", "Try again in a moment.")


def silent() -> ProviderFailed:
    """Nothing came in time."""
    return failure(504, "silent", "The assistant does not answer", "Try again in a moment.")


def stalled() -> ProviderFailed:
    """Nothing more came in time."""
    return failure(504, "stalled", "The assistant stopped in the middle", "Ask again.")


def broke_off() -> ProviderFailed:
    """The connection ended in the middle."""
    return failure(502, "broke-off", "The assistant broke off in the middle", "Ask again.")


def unreadable() -> ProviderFailed:
    """What came makes no sense."""
    return failure(502, "unreadable", "The assistant's answer cannot be read", "Ask again.")


def failed(error: Mapping[str, Any]) -> ProviderFailed:
    """The provider told of an error after its answer had begun."""
    log.warning("model failed", code=code_of(error))
    return failure(502, "failed", "The assistant failed", "Ask again.")


def refused(status: int, retry_after: str | None, body: bytes) -> ProviderFailed:
    """The provider answered with this instead of an answer."""
    code = code_of(error_in(body))
    log.warning("model refused", status=status, code=code)
    if status in {401, 403}:
        return failure(
            502,
            "key-refused",
            "The assistant is not set up right",
            "Its provider does not let us in. Whoever runs this has to look at it.",
        )
    if status in {429, 503}:
        seconds = parse_retry_after(retry_after)
        wait = WAIT if seconds is None else min(max(round(seconds), 1), LONGEST_WAIT)
        return failure(
            503,
            "busy",
            "The assistant has too much to do",
            f"Try again in {wait} seconds." if wait > 1 else "Try again in a moment.",
            retry_after=wait,
        )
    if code == "context_length_exceeded" or status == 413:
        return failure(
            422,
            "too-long",
            "The conversation is too long",
            "The assistant cannot take it in any more. Begin a new one.",
        )
    if status >= 500:
        return failure(502, "failed", "The assistant failed", "Try again in a moment.")
    return failure(
        502,
        "refused",
        "The assistant does not take this",
        "Its provider refused the question. Whoever runs this finds the reason in the logs.",
    )


def failure(
    status: int, kind: str, title: str, detail: str, *, retry_after: int | None = None
) -> ProviderFailed:
    """The problem, which may be told instead of an answer or at the end of a part of one."""
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    problem = Problem(status, f"assistant-{kind}", title, detail, headers=headers)
    return ProviderFailed(problem)


def error_in(body: bytes) -> Mapping[str, Any]:
    """The error that the body describes, if it does."""
    try:
        error = from_json(body)["error"]
    except (ValueError, LookupError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}


def code_of(error: Mapping[str, Any]) -> str | None:
    """Its name for programs."""
    code = error.get("code") or error.get("type")
    return str(code)[:LONGEST_CODE] if code else None
