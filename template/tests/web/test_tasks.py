"""What the worker does at night, and what it does not do twice."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.tasks import PurgeExpired, SendResetMail, SendWelcomeMail
from sandbox.mailbox.thread import Mailbox
from web.accounts import tasks
from web.accounts.models import AccessToken, User


def test_expired_tokens_and_sessions_are_purged_and_others_kept(browser: Client) -> None:
    browser.post(reverse("page_token"))
    browser.post(reverse("page_token"))
    newest = AccessToken.objects.latest("pk")
    past = timezone.now() - timedelta(seconds=1)
    AccessToken.objects.exclude(pk=newest.pk).update(expires_at=past)
    Session.objects.create(session_key="old", session_data="", expire_date=past)
    tasks.purge_expired(PurgeExpired())
    assert list(AccessToken.objects.all()) == [newest]
    assert Session.objects.count() == 1


def test_mails_for_what_is_gone_are_not_sent(user: User, mailbox: Mailbox) -> None:
    tasks.send_welcome_mail(SendWelcomeMail(user_id=0))
    tasks.send_reset_mail(SendResetMail(user_id=0, email="ann@example.com"))
    # An address that was hers when she asked, and may be somebody else's by now.
    tasks.send_reset_mail(SendResetMail(user_id=user.pk, email="former@example.com"))
    assert mailbox.messages == []
