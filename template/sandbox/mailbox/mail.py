"""One caught mail, read from its raw form."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property

# Written above the mail by the SMTP server: who sent it to whom. The mail need not say that.
SENDER, RECIPIENTS = "X-Envelope-From", "X-Envelope-To"
LINK = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True)
class AttachedFile:
    """A file that came with a mail."""

    name: str
    content: bytes


@dataclass(frozen=True)
class CaughtMail:
    """A mail as it arrived; what it says of itself is hostile until escaped."""

    id: str
    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        """The parsed mail."""
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def received_at(self) -> datetime:
        """When it was caught; the id begins with it."""
        return datetime.fromtimestamp(int(self.id.partition("-")[0]) / 1e9, tz=UTC)

    @property
    def sender(self) -> str:
        """The address of the sender, from the envelope."""
        return self.header(SENDER)

    @property
    def recipients(self) -> list[str]:
        """The addresses it was delivered to, from the envelope."""
        return self.header(RECIPIENTS).split(", ")

    @property
    def subject(self) -> str:
        """The subject, or nothing."""
        return self.header("Subject")

    @property
    def headers(self) -> list[tuple[str, str]]:
        """All headers in their order."""
        return [(name, self.readable(name, value)) for name, value in self.message.raw_items()]

    @property
    def text(self) -> str:
        """The plain text part, or nothing."""
        return self.part("plain")

    @property
    def html(self) -> str:
        """The HTML part, or nothing."""
        return self.part("html")

    @property
    def links(self) -> list[str]:
        """The web addresses in the text (or, without one, the HTML), each once, in order."""
        found = (link.rstrip(".,;:!?)]") for link in LINK.findall(self.text or self.html))
        return list(dict.fromkeys(found))

    @property
    def files(self) -> list[AttachedFile]:
        """What is attached, in order."""
        found = []
        for part in self.message.iter_attachments():
            content = part.get_payload(decode=True)
            name = part.get_filename() or "attachment"
            found.append(AttachedFile(name, content if isinstance(content, bytes) else b""))
        return found

    def header(self, name: str) -> str:
        """The first header of this name, or nothing."""
        for other, value in self.message.raw_items():
            if other.lower() == name.lower():
                return self.readable(other, value)
        return ""

    def readable(self, name: str, value: str) -> str:
        """A header's value decoded; as it stands if it is malformed."""
        try:
            return str(policy.default.header_fetch_parse(name, value))
        except (ValueError, IndexError, AttributeError, TypeError):
            return str(value)

    def part(self, kind: str) -> str:
        """The body of one kind, decoded as well as it can be."""
        body = self.message.get_body((kind,))
        if body is None:
            return ""
        try:
            return str(body.get_content())
        except (LookupError, ValueError, KeyError):
            payload = body.get_payload(decode=True)
            return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
