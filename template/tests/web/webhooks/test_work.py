"""What is stored is handled; what fails is seen, tried again, and found when it is lost."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from core.outbox import GiveUp
from core.outbox import work as outbox
from core.outbox.write import Execute
from core.webhooks import sources, work
from core.webhooks.body import read_body
from core.webhooks.ledger import RECORD, Incoming, Stored
from core.webhooks.tasks import HandleEvent, SweepEvents
from web.outbox.models import DeadLetter, Message
from web.queue import CurrentTransaction, WorkerDatabase
from web.webhooks import tasks
from web.webhooks.models import Event

EXECUTE = CurrentTransaction().execute
LONG_AGO = timezone.now() - timedelta(hours=1)


def store(name: str = "evt_1", source: str = "test", **changes: Any) -> Event:
    incoming = Incoming(
        source=source,
        event_id=name,
        type="invoice.paid",
        body=read_body(json.dumps({"id": name}).encode()),
        created_at=timezone.now(),
        customer="cus_1",
    )
    EXECUTE(RECORD, incoming.parameters)
    Event.objects.filter(event_id=name).update(**changes)
    return Event.objects.get(event_id=name)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The events that were handled; the source is one of the test's own."""
    heard: list[str] = []
    source = sources.Source(
        "test", lambda body, headers: None, lambda execute, stored: heard.append(stored.event_id)
    )
    monkeypatch.setattr(work, "SOURCES", {"test": source})
    return heard


@pytest.mark.django_db
def test_an_event_is_handled_by_its_source(heard: list[str]) -> None:
    stored = store(source="test", error="last time", attempts=2)
    tasks.handle_event(HandleEvent(event=stored.pk))
    stored.refresh_from_db()
    assert heard == ["evt_1"]
    assert stored.processed_at is not None
    assert (stored.attempts, stored.error) == (3, "")


@pytest.mark.django_db
def test_a_source_that_is_gone_is_no_reason_to_try_again(heard: list[str]) -> None:
    with pytest.raises(GiveUp):
        tasks.handle_event(HandleEvent(event=store(source="former").pk))


@pytest.mark.django_db
def test_an_event_that_is_gone_is_done(heard: list[str]) -> None:
    tasks.handle_event(HandleEvent(event=0))
    assert heard == []


def asked() -> list[int]:
    """The events that are on their way to the worker."""
    found = Message.objects.filter(task=HandleEvent.name, done_at=None).order_by("id")
    return [message.payload["event"] for message in found]


@pytest.mark.django_db
def test_what_nobody_is_at_is_asked_for_again() -> None:
    lost = store("evt_lost", received_at=LONG_AGO)
    Message.objects.all().delete()
    store("evt_done", received_at=LONG_AGO, processed_at=LONG_AGO)
    hopeless = store("evt_hopeless", received_at=LONG_AGO, attempts=work.MOST_ATTEMPTS)
    store("evt_new")
    Message.objects.all().delete()
    waiting = store("evt_waiting", received_at=LONG_AGO)
    assert work.find_lost(EXECUTE, timezone.now()) == 1
    assert asked() == [waiting.pk, lost.pk]
    assert work.find_lost(EXECUTE, timezone.now()) == 0
    assert hopeless.pk not in asked()


@pytest.mark.django_db
def test_what_failed_for_good_gets_another_round_and_its_letter_is_put_away() -> None:
    lost = store(received_at=LONG_AGO)
    Message.objects.all().delete()
    letter = {
        "task": HandleEvent.name,
        "payload": {"event": lost.pk},
        "attempts": 9,
        "failed_at": LONG_AGO,
        "request_id": "",
        "schedule": "",
        "error": "",
        "traceback": "",
    }
    mine, other = (
        DeadLetter.objects.create(**letter),
        DeadLetter.objects.create(**{**letter, "payload": {"event": 0}}),
    )
    work.find_lost(EXECUTE, timezone.now())
    mine.refresh_from_db()
    other.refresh_from_db()
    assert asked() == [lost.pk]
    assert mine.replayed_at is not None
    assert other.replayed_at is None


@pytest.mark.django_db
def test_what_was_handled_long_ago_is_forgotten_a_few_at_a_time() -> None:
    old: Any = {"received_at": timezone.now() - work.KEPT - timedelta(days=1)}
    store("evt_open", **old)
    for number in range(5):
        store(f"evt_{number}", **old, processed_at=LONG_AGO)
    store("evt_new", received_at=LONG_AGO, processed_at=LONG_AGO)
    assert [work.purge(EXECUTE, timezone.now(), most=3) for _ in range(3)] == [3, 2, 0]
    assert set(Event.objects.values_list("event_id", flat=True)) == {"evt_open", "evt_new"}


@pytest.mark.django_db
def test_the_sweep_asks_for_what_is_lost_and_forgets_what_was_handled_long_ago() -> None:
    store("evt_old", received_at=timezone.now() - work.KEPT, processed_at=LONG_AGO)
    lost = store("evt_lost", received_at=LONG_AGO)
    Message.objects.all().delete()
    tasks.sweep(SweepEvents())
    assert asked() == [lost.pk]
    assert Event.objects.get() == lost


@pytest.mark.django_db(transaction=True)
def test_a_failed_attempt_is_seen_at_the_event(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(execute: Execute, stored: Stored) -> None:
        execute("DELETE FROM webhooks_event", {})
        raise ConnectionError("nobody is there")

    source = sources.Source("test", lambda body, headers: None, fail)
    monkeypatch.setattr(work, "SOURCES", {"test": source})
    with transaction.atomic():
        stored = store(source="test")
        # As if the relay had told a worker.
        Message.objects.update(published_at=timezone.now())
    for attempts in (1, 2):
        message = Message.objects.get()
        outbox.run(
            HandleEvent,
            message.pk,
            WorkerDatabase(),
            lambda payload, _: tasks.handle_event(payload),
        )
        stored.refresh_from_db()
        assert (stored.processed_at, stored.attempts) == (None, attempts)
        assert stored.error == "ConnectionError: nobody is there"
        later = timezone.now() + timedelta(hours=1)
        Message.objects.update(published_at=timezone.now(), available_at=later)
