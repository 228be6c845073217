"""The error documents of the API, each described once with an example."""

from typing import Any, Final

from core.problems import MEDIA_TYPE, phrase

SCHEMA: Final = {"$ref": "#/components/schemas/ProblemDocument"}
REQUEST_ID: Final = "3f2b8c1e9d4a4f6b8a7c5d2e1f0b9a8c"
LIMITS: Final = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
# The headers of some.
HEADERS: Final[dict[int, tuple[str, ...]]] = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After", *LIMITS),
    503: ("Retry-After",),
}
# What callers meet most often: the type, the title and the detail. Others are no more than their
# status.
USUAL: Final[dict[int, tuple[str, str, str]]] = {
    401: ("unauthenticated", "Log in first", "Send a valid token as `Authorization: Bearer ...`."),
    402: ("plan-required", "Your plan does not have this", "It is part of a larger plan."),
    403: ("forbidden", "You may not do this", "Your role in this team does not allow it."),
    412: (
        "changed-meanwhile",
        "It was changed meanwhile",
        "Read it again, then repeat your change with the new ETag.",
    ),
    422: ("invalid-request", "The request is not valid", ""),
}
DETAILS: Final[dict[int, str]] = {
    404: "There is no such team, or it is not yours.",
    409: "What is there already does not allow it.",
    413: "",
    429: "Try again in 30 seconds.",
    500: "This is our fault. We have a record of it.",
    503: "The database does not answer.",
}
# What the statuses mean here, where their phrase does not say it.
MEANINGS: Final[dict[int, str]] = {
    400: "The request cannot be served",
    401: "Nobody is known by the token, or there is none",
    402: "The plan of the team does not have this, or has no room for more",
    403: "The caller is known and may not do this",
    404: "It is not there, or in a team that the caller is not in",
    409: "What is there does not allow it",
    412: "It was changed since the version of `If-Match`",
    413: "The body is too large",
    422: "The request is not valid; `errors` says where",
    429: "Too many requests; `Retry-After` says when to go on",
    500: "A fault of ours, which we have a record of",
    502: "Somebody we asked did not answer as we need it",
    503: "Not now; `Retry-After` says when to try again",
}


def name(status: int) -> str:
    """The name of the response among the document's components, such as `NotFound`."""
    return "".join(filter(str.isalnum, phrase(status).title()))


def response(status: int) -> dict[str, Any]:
    """The response with a problem document, for the document's components."""
    described: dict[str, Any] = {
        "description": f"{MEANINGS.get(status, phrase(status))}.",
        "content": {MEDIA_TYPE: {"schema": SCHEMA, "example": example(status)}},
    }
    if status in HEADERS:
        references = {each: {"$ref": f"#/components/headers/{each}"} for each in HEADERS[status]}
        described["headers"] = references
    return described


def example(status: int) -> dict[str, Any]:
    """A problem document of this status."""
    plain = phrase(status)
    kind, title, detail = USUAL.get(
        status, (plain.lower().replace(" ", "-"), plain, DETAILS.get(status, ""))
    )
    document: dict[str, Any] = {"type": f"urn:problem:{kind}", "title": title, "status": status}
    if detail:
        document["detail"] = detail
    document["request_id"] = REQUEST_ID
    if status == 422:
        document["errors"] = [{"pointer": "#/name", "detail": "Field required"}]
    return document
