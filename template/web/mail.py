"""Send what `core.mail` renders, through Django's mail backend."""

from django.core.mail import EmailMultiAlternatives

from core.mail import Attachment, render_mail
from core.mail.message_id import message_id


def send_mail(
    template: str, to: str, context: dict[str, object], attachment: Attachment | None = None
) -> None:
    """Render and send one mail; raises what the mail server answers with."""
    mail = render_mail(template, context)
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[to])
    message.attach_alternative(mail.html, "text/html")
    if attachment:
        message.attach(attachment.name, attachment.content, attachment.media_type)
    message.extra_headers["Message-ID"] = message_id(template, to)
    # Tells out-of-office robots not to answer (RFC 3834).
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    message.send()
