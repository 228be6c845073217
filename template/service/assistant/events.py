"""The events of a streamed chat completion, read from the bytes as they come.

https://platform.openai.com/docs/api-reference/chat-streaming has the format; others add to it and
leave out, so only what is used must be right.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic_core import from_json

MOST_UNREAD = 1024 * 1024  # bytes of one event
END = b"[DONE]"


class Event(NamedTuple):
    """What one event says."""

    text: str = ""
    is_thought: bool = False  # of a model that thinks before it answers, and shows it
    finish: str | None = None
    usage: tuple[int, int] | None = None  # tokens of the prompt, and of the answer
    failed: Mapping[str, Any] | None = None  # an error, in the provider's words
    is_unreadable: bool = False
    is_end: bool = False


UNREADABLE = Event(is_unreadable=True)


class Events:
    """Cuts the stream into events."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Event]:
        """The events that are whole now."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        # Each is one line; all others are comments, names or empty.
        events = [parse(line[5:].strip()) for line in lines if line.startswith(b"data:")]
        if len(self._rest) > MOST_UNREAD:
            events.append(UNREADABLE)
        return events


def parse(data: bytes) -> Event:
    """One event."""
    if data == END:
        return Event(is_end=True)
    try:
        body = from_json(data)
        if error := body.get("error"):
            return Event(failed=error if isinstance(error, dict) else {"message": error})
        usage = counted(body.get("usage"))
        # The last one, with the usage, has none.
        if not (choices := body.get("choices")):
            return Event(usage=usage)
        delta = choices[0].get("delta") or {}
        text = delta.get("content") or ""
        if not isinstance(text, str):
            return UNREADABLE
        is_thought = bool(delta.get("reasoning") or delta.get("reasoning_content"))
        return Event(text, is_thought, choices[0].get("finish_reason"), usage)
    except (ValueError, AttributeError, LookupError, TypeError):
        return UNREADABLE


def counted(usage: Mapping[str, Any] | None) -> tuple[int, int] | None:
    """The tokens that a provider has counted."""
    return (int(usage["prompt_tokens"]), int(usage["completion_tokens"])) if usage else None
