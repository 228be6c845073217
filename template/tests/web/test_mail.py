"""Mails from Django, with what goes with them."""

from typing import Any

from core.mail import Attachment
from core.outbox.current import at_work_on
from sandbox.mailbox.thread import Mailbox
from web import mail

CONTENT = "\ufeffname\r\nGrün\r\n".encode()


def test_an_attachment_arrives_as_it_was(mailbox: Mailbox, settings: Any) -> None:
    # Django's test runner would keep it.
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    file = Attachment("names.csv", CONTENT, "text/csv")
    mail.send_mail("welcome", "ann@example.com", {"url": "https://x.example"}, file)
    caught = mailbox.wait(to="ann@example.com")
    assert "https://x.example" in caught.text
    assert "https://x.example" in caught.html
    (attached,) = caught.message.iter_attachments()
    assert attached.get_filename() == "names.csv"
    assert attached.get_content_type() == "text/csv"
    assert attached.get_payload(decode=True) == CONTENT


def test_a_second_attempt_is_the_same_mail(mailbox: Mailbox, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    for row in (7, 7, 8):
        with at_work_on(row):
            mail.send_mail("welcome", "ann@example.com", {"url": "https://x.example"})
    first, again, other = (caught.header("Message-ID") for caught in mailbox.messages)
    assert first == again != other
