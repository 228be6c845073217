"""How far an answer is."""

from enum import StrEnum


class Status(StrEnum):
    """Of a message; questions are complete from the start."""

    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"  # before its end: by the person, or because the server had to
    FAILED = "failed"
