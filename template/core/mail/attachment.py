"""Files that go with a mail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attachment:
    """A file of a mail. One whose type is `text/...` is UTF-8 and ends its lines with CR and LF."""

    name: str
    content: bytes
    media_type: str
