"""Staff find events and have them handled again; nobody changes what they say."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.webhooks.tasks import HandleEvent
from tests.web.conftest import make_user
from web.accounts.models import User
from web.outbox.models import Message
from web.webhooks.models import Event

LIST = "admin:webhooks_event_changelist"


@pytest.fixture
def desk(staff: User) -> Client:
    desk = Client()
    desk.force_login(staff)
    return desk


@pytest.fixture
def events(db: None) -> list[Event]:
    """One that was handled, and one that was not."""
    common: dict[str, Any] = {
        "source": "shop",
        "payload": {"secret-word": "<b>"},
        "created_at": timezone.now(),
        "received_at": timezone.now(),
    }
    return [
        Event.objects.create(
            event_id="evt_done",
            type="invoice.paid",
            object_id="in_1",
            customer="cus_ann",
            processed_at=timezone.now(),
            **common,
        ),
        Event.objects.create(
            event_id="evt_open",
            type="charge.refunded",
            object_id="ch_1",
            customer="cus_bob",
            error="APIError: away",
            **common,
        ),
    ]


def found(desk: Client, **query: str) -> set[str]:
    page = desk.get(reverse(LIST), query).content.decode()
    assert "secret-word" not in page
    return {name for name in ("evt_done", "evt_open") if f">{name}<" in page}


def test_events_are_found(desk: Client, events: list[Event]) -> None:
    assert found(desk) == {"evt_done", "evt_open"}
    for words in ("evt_done", "in_1", "cus_ann", "invoice.paid"):
        assert found(desk, q=words) == {"evt_done"}, words
    assert found(desk, processed_at__isempty="1") == {"evt_open"}
    assert found(desk, type__exact="invoice.paid") == {"evt_done"}
    page = desk.get(reverse("admin:webhooks_event_change", args=[events[0].pk])).content.decode()
    assert "secret-word" in page
    assert "<b>" not in page


def replay(browser: Client, events: list[Event]) -> Any:
    chosen = [event.pk for event in events]
    return browser.post(reverse(LIST), {"action": "replay", "_selected_action": chosen})


def asked() -> list[int]:
    found = Message.objects.filter(task=HandleEvent.name).order_by("id")
    return [message.payload["event"] for message in found]


def test_events_are_handled_again(desk: Client, events: list[Event]) -> None:
    replay(desk, events)
    assert asked() == [event.pk for event in events]
    replay(desk, events[:1])
    assert asked() == [event.pk for event in [*events, events[0]]]


def test_who_may_only_look_has_nothing_handled(events: list[Event]) -> None:
    clerk = make_user("clerk@example.com", is_staff=True)
    look = Permission.objects.get(content_type__app_label="webhooks", codename="view_event")
    clerk.user_permissions.add(look)
    browser = Client()
    browser.force_login(clerk)
    assert found(browser) == {"evt_done", "evt_open"}
    replay(browser, events)
    assert asked() == []


def test_nobody_changes_or_deletes_an_event(desk: Client, events: list[Event]) -> None:
    one = [events[0].pk]
    assert desk.get(reverse("admin:webhooks_event_add")).status_code == 403
    change = reverse("admin:webhooks_event_change", args=one)
    assert desk.post(change, {"type": "x"}).status_code == 403
    assert desk.post(reverse("admin:webhooks_event_delete", args=one)).status_code == 403
    desk.post(reverse(LIST), {"action": "delete_selected", "_selected_action": one, "post": "yes"})
    assert Event.objects.filter(event_id="evt_done", type="invoice.paid").exists()
