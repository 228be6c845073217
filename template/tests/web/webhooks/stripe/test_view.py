"""Only what Stripe signed, for us, now, is stored: once, with its task, and answered at once."""

import math
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from pydantic import SecretStr

from core.billing import source
from core.env import get_settings
from core.webhooks.ledger import MOST_BYTES
from core.webhooks.tasks import HandleEvent
from tests.web.webhooks.stripe.sending import SECRET, body_of, event, signed
from web.outbox.models import Message
from web.webhooks.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def known_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = get_settings().model_copy(update={"stripe_webhook_secret": SecretStr(SECRET)})
    monkeypatch.setattr(source, "get_settings", lambda: settings)


def send(body: bytes, signature: str | None = None, source: str = "stripe") -> Any:
    """Post it as Stripe does: with no cookie, and no token of ours."""
    return Client(enforce_csrf_checks=True).post(
        reverse("webhook", args=[source]),
        body,
        content_type="application/json",
        headers={"Stripe-Signature": signed(body) if signature is None else signature},
    )


def nothing_is_stored() -> bool:
    return not Event.objects.exists() and not Message.objects.exists()


def test_an_event_is_stored_with_its_task() -> None:
    assert send(body_of(event())).status_code == 200
    stored = Event.objects.get()
    assert (stored.source, stored.event_id, stored.type) == ("stripe", "evt_1", "invoice.paid")
    assert (stored.object_id, stored.customer) == ("in_1", "cus_1")
    assert stored.payload == event()
    assert (stored.processed_at, stored.attempts, stored.error) == (None, 0, "")
    message = Message.objects.get()
    assert (message.task, message.payload) == (HandleEvent.name, {"event": stored.pk})


def test_what_comes_twice_is_stored_once_and_answered_the_same() -> None:
    for _ in range(3):
        assert send(body_of(event())).status_code == 200
    assert Event.objects.count() == Message.objects.count() == 1


def test_it_sets_no_cookie_and_takes_one_statement(django_assert_num_queries: Any) -> None:
    send(body_of(event(id="evt_0")))
    with django_assert_num_queries(1):
        answer = send(body_of(event()))
    assert not answer.cookies


BODY = body_of(event())
BAD_SIGNATURES = {
    "none": "",
    "no signature": "hello",
    "another secret": signed(BODY, secret="whsec_other"),
    "another body": signed(BODY + b" "),
    "an hour old": signed(BODY, age=3600),
    "of no time": signed(BODY).replace("t=", "t=x"),
}


@pytest.mark.parametrize("signature", BAD_SIGNATURES.values(), ids=BAD_SIGNATURES.keys())
def test_a_signature_that_does_not_fit_is_refused(signature: str) -> None:
    assert send(BODY, signature).status_code == 400
    assert nothing_is_stored()


NO_EVENTS = {
    "no JSON": b"{",
    "no object": b"[]",
    "no event": body_of({"object": "list"}),
    "no id": body_of(event(id=None)),
    "no text": b"\xff\xfe",
    "deep": b"[" * 100_000,
    "of another mode": body_of(event(livemode=True)),
}


@pytest.mark.parametrize("body", NO_EVENTS.values(), ids=NO_EVENTS.keys())
def test_a_body_that_is_no_event_for_us_is_refused(body: bytes) -> None:
    signature = "t=1,v1=00" if b"\xff" in body else signed(body)
    assert send(body, signature).status_code == 400
    assert nothing_is_stored()


def test_a_body_that_is_too_large_is_refused_before_it_is_read() -> None:
    assert send(b" " * (MOST_BYTES + 1)).status_code == 413
    assert send(b" " * 5_000_000).status_code == 413
    assert nothing_is_stored()


def test_a_type_that_is_not_handled_is_answered_and_not_stored() -> None:
    for kind in ("payout.paid", "something.new"):
        assert send(body_of(event(type=kind))).status_code == 200
    assert nothing_is_stored()


def test_nobody_else_sends_and_nobody_reads() -> None:
    assert send(BODY, source="paypal").status_code == 404
    for method in ("get", "put", "delete"):
        assert getattr(Client(), method)(reverse("webhook", args=["stripe"])).status_code == 405
    assert nothing_is_stored()


def test_without_a_secret_nothing_is_believed_and_it_is_to_be_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = get_settings().model_copy(update={"stripe_webhook_secret": SecretStr("")})
    monkeypatch.setattr(source, "get_settings", lambda: settings)
    assert send(BODY, signed(BODY, secret="")).status_code == 503
    assert nothing_is_stored()


def test_what_postgresql_cannot_hold_is_replaced() -> None:
    about = {"id": "in_\0\ud800" + "1" * 300, "object": "invoice", "customer": "cus_\udfff"}
    note = ["\0", "\N{GRINNING FACE}", math.inf]
    sent = event(id="evt_\ud800", data={"object": about}, note=note)
    assert send(body_of(sent)).status_code == 200
    stored = Event.objects.get()
    assert (stored.customer, stored.object_id[:6]) == ("cus_\ufffd", "in_\ufffd\ufffd1")
    assert stored.payload["note"] == ["\ufffd", "\N{GRINNING FACE}", None]
    assert Message.objects.count() == 1


def test_what_cannot_be_stored_is_asked_for_again() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE webhooks_event RENAME TO away")
        assert send(BODY).status_code == 503
        transaction.set_rollback(True)
    assert nothing_is_stored()
    assert send(BODY).status_code == 200


def test_an_event_without_its_task_is_not_stored() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE outbox_message RENAME TO away")
        assert send(BODY).status_code == 503
        transaction.set_rollback(True)
    assert nothing_is_stored()
