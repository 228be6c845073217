"""Sends mails. Only tasks do: a mail server may be slow."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate

from core.env import Smtp, get_settings
from core.mail import Attachment, render_mail
from core.mail.message_id import message_id

TIMEOUT = 20


def send_mail(
    template: str, to: str, context: dict[str, object], attachment: Attachment | None = None
) -> None:
    """Render one of `core/mail/templates` or `core/product/mail` and send it.

    Raises `OSError` or `smtplib.SMTPException` when the mail server does not take it.
    """
    settings = get_settings()
    mail = render_mail(template, context)
    message = EmailMessage()
    message["Subject"] = mail.subject
    message["From"] = settings.mail_from
    message["To"] = to
    message["Date"] = formatdate()
    message["Message-ID"] = message_id(template, to)
    # Tells out-of-office robots not to answer (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    if attachment:
        kind, _, subtype = attachment.media_type.partition("/")
        message.add_attachment(
            attachment.content, maintype=kind, subtype=subtype, filename=attachment.name
        )
    with connect(settings.smtp) as server:
        server.send_message(message)


def connect(smtp: Smtp) -> smtplib.SMTP:
    """A connection to the mail server, encrypted and logged in as the settings say."""
    if smtp.encryption == "tls":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            smtp.host, smtp.port, timeout=TIMEOUT, context=context
        )
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=TIMEOUT)
    if smtp.encryption == "starttls":
        server.starttls(context=ssl.create_default_context())
    if smtp.username:
        server.login(smtp.username, smtp.password)
    return server
