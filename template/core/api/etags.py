"""Versions of what the API answers: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3

`If-None-Match` spares the body of what the caller has already; `If-Match` keeps a change from
overwriting one that the caller has not seen.
"""

from core.problems import Problem
from core.tokens import digest


def etag(*parts: object) -> str:
    """The version of something that these values describe; other values, another version."""
    return f'"{digest(repr(parts))[:32]}"'


def is_unchanged(if_none_match: str | None, current: str) -> bool:
    """Whether the caller has this version already."""
    return if_none_match is not None and _names(if_none_match, current)


def check_match(if_match: str | None, current: str) -> None:
    """Raises 412 when the caller wants to change another version than the present one."""
    if if_match is not None and not _names(if_match, current):
        raise Problem(
            412,
            "changed-meanwhile",
            "It was changed meanwhile",
            "Read it again, then repeat your change with the new ETag.",
        )


def _names(header: str, current: str) -> bool:
    versions = [each.strip().removeprefix("W/") for each in header.split(",")]
    return "*" in versions or current in versions
