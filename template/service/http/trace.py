"""One trace from whoever calls us to whomever we call: W3C Trace Context, by its headers alone.

https://www.w3.org/TR/trace-context/
"""

import hashlib
import re
import secrets

import structlog

from core.logs import current_request_id

HEADER = "traceparent"
# Version, trace, parent and flags; neither id may be nothing but zeros.
TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?"
)
NOT_SAMPLED = "00"


def bind_traceparent(value: str | None) -> None:
    """Keep the caller's trace for the current context, and in its log lines, if it is one."""
    if value and len(value) <= 128 and TRACEPARENT.fullmatch(value):
        structlog.contextvars.bind_contextvars(traceparent=value)


def child_traceparent() -> tuple[str, str]:
    """The header for one call of ours, and the id of the call in it.

    It goes on with the caller's trace. Without one the request id is the trace, so that the logs of
    both sides are found by it.
    """
    call_id = secrets.token_hex(8)
    bound = structlog.contextvars.get_contextvars().get("traceparent", "")
    if found := TRACEPARENT.fullmatch(bound):
        # Only the lowest flag, "sampled", means something to a version of the format.
        flags = f"{int(found[2], 16) & 1:02x}"
        return f"00-{found[1]}-{call_id}-{flags}", call_id
    return f"00-{trace_of(current_request_id())}-{call_id}-{NOT_SAMPLED}", call_id


def trace_of(request_id: str | None) -> str:
    """A trace id for a request id: itself where it has the form of one."""
    if request_id is None:
        return secrets.token_hex(16)
    if re.fullmatch(r"(?!0{32})[0-9a-f]{32}", request_id):
        return request_id
    return hashlib.blake2b(request_id.encode(), digest_size=16).hexdigest()
