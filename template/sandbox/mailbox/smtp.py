"""The SMTP server in front of the mailbox."""

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.mailbox.store import MailStore

LARGEST_MAIL = 10 * 1024 * 1024


class IntoStore:
    """What the SMTP server does with a mail (the handler of aiosmtpd's documentation)."""

    def __init__(self, store: MailStore) -> None:
        self.store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail and say so."""
        content = envelope.original_content or b""
        self.store.add(envelope.mail_from or "", envelope.rcpt_tos, content)
        return "250 Caught"


def smtp_protocol(store: MailStore) -> SMTP:
    """A protocol for one connection."""
    return SMTP(
        IntoStore(store), hostname="mailbox", enable_SMTPUTF8=True, data_size_limit=LARGEST_MAIL
    )
