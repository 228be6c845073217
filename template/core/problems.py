"""Errors that callers are told about: problem documents (RFC 9457), the same from every framework.

Raise `Problem` anywhere below a route or a view. The API answers with the document; pages show its
`detail`.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field

from core.logs import current_request_id

MEDIA_TYPE = "application/problem+json"

# What RFC 9110 calls them. Python follows it since 3.13, and a type must not depend on that.
PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}


class FieldError(BaseModel):
    """What is wrong with one field of the request."""

    pointer: str = Field(
        description="Where: a JSON pointer into the body, or `query/name`.", examples=["#/name"]
    )
    detail: str = Field(description="What is wrong with it.", examples=["Field required"])


class ProblemDocument(BaseModel):
    """What went wrong, as RFC 9457 describes it."""

    type: str = Field(
        description="The kind of problem; stable, for programs to compare.",
        examples=["urn:problem:not-found"],
    )
    title: str = Field(description="The kind of problem, for people.", examples=["Not Found"])
    status: int = Field(description="The HTTP status again.", examples=[404])
    detail: str | None = Field(
        default=None,
        description="What happened this time.",
        examples=["There is no such team, or it is not yours."],
    )
    request_id: str | None = Field(
        default=None,
        description="Name it when you ask for help.",
        examples=["3f2b8c1e9d4a4f6b8a7c5d2e1f0b9a8c"],
    )
    errors: list[FieldError] | None = Field(default=None, description="One for each wrong field.")


class Problem(Exception):
    """Ends the request with a problem document.

    `kind` is the stable name programs compare; `extra` are further members of the document.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.headers = headers
        self.extra = extra or {}

    @property
    def sentence(self) -> str:
        """What a page shows."""
        return self.detail or self.title

    def document(self) -> dict[str, Any]:
        """The document, without what it does not say."""
        document = {
            "type": f"urn:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "request_id": current_request_id(),
            **self.extra,
        }
        return {name: value for name, value in document.items() if value is not None}


def for_status(
    status: int, detail: str | None = None, *, headers: Mapping[str, str] | None = None
) -> Problem:
    """A problem whose kind is no more than its HTTP status."""
    title = phrase(status)
    return Problem(status, title.lower().replace(" ", "-"), title, detail, headers=headers)


def phrase(status: int) -> str:
    """What the status is called."""
    return PHRASES.get(status) or HTTPStatus(status).phrase


def not_found(what: str) -> Problem:
    """404, also for what the caller may not know about: `what` is a word such as "team"."""
    return for_status(404, f"There is no such {what}, or it is not yours.")


def invalid(errors: Sequence[tuple[str, str]]) -> Problem:
    """422 with one error for each wrong field: a JSON pointer and what is wrong there."""
    # FastAPI says it once for everything that takes the field.
    told = dict.fromkeys(errors)
    return Problem(
        422,
        "invalid-request",
        "The request is not valid",
        extra={"errors": [{"pointer": where, "detail": what} for where, what in told]},
    )


def unavailable(detail: str) -> Problem:
    """Something this process needs does not answer; trying again soon makes sense."""
    return for_status(503, detail, headers={"Retry-After": "5"})


def too_many_requests(seconds: int) -> Problem:
    """429, and when to try again."""
    return for_status(
        429,
        f"Try again in {seconds} seconds." if seconds > 1 else "Try again in a moment.",
        headers={"Retry-After": str(seconds)},
    )


def pointer(location: Sequence[int | str]) -> str:
    """A JSON pointer into the body, or the part of the request and the name."""
    where, *path = location
    prefix = "#" if where == "body" else str(where)
    return "/".join([prefix, *map(str, path)])
