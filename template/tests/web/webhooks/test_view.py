"""What a source signed is stored once, with its task; whatever else comes leaves nothing behind."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from core.sources import SOURCES
from core.webhooks.tasks import HandleEvent
from tests.core.webhooks.sending import (
    ACME,
    BOTH,
    HUB,
    NEW,
    OTHER,
    Delivery,
    body_of,
    delivery,
    give_secrets,
)
from web.outbox.models import Message
from web.webhooks.models import Event


@pytest.fixture(autouse=True, scope="module")
def sources() -> Iterator[None]:
    """The tests' own sources, with their secrets."""
    with pytest.MonkeyPatch.context() as patch:
        give_secrets(patch, acme=(NEW,), hub=(NEW,))
        for source in BOTH:
            patch.setitem(SOURCES, source.name, source)
        yield


def send(sent: Delivery, name: str = "") -> Any:
    """Post it with no cookie, and no token of ours."""
    return Client(enforce_csrf_checks=True).post(
        f"/webhooks/{name or sent.source.name}",
        sent.body,
        content_type="application/json",
        headers=dict(sent.headers),
    )


def nothing_is_stored() -> bool:
    return not Event.objects.exists() and not Message.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("source", BOTH, ids=lambda source: source.name)
def test_an_event_is_stored_once_with_its_task(source: Any) -> None:
    sent = delivery(source)
    for _ in range(2):
        assert send(sent).status_code == 200
    stored = Event.objects.get()
    assert (stored.source, stored.type) == (source.name, "order.paid")
    assert stored.payload == {"type": "order.paid", "data": {"id": "ord_1"}}
    message = Message.objects.get()
    assert (message.task, message.payload) == (HandleEvent.name, {"event": stored.pk})
    assert send(delivery(source)).status_code == 200
    assert Event.objects.count() == 2


@pytest.mark.django_db
def test_two_sources_may_give_the_same_id() -> None:
    name = {"webhook-id": "evt_1", "X-GitHub-Delivery": "evt_1"}
    sent = delivery(HUB)
    assert send(Delivery(HUB, sent.body, {**sent.headers, **name})).status_code == 200
    acme = delivery(ACME)
    hub = sent.changed(X_GitHub_Delivery=acme.headers["webhook-id"])
    assert [send(each).status_code for each in (acme, hub)] == [200, 200]
    assert Event.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize("source", BOTH, ids=lambda source: source.name)
def test_what_is_not_believed_is_not_stored(source: Any) -> None:
    sent = delivery(source)
    for bad in (
        Delivery(source, sent.body + b" ", sent.headers),
        Delivery(source, sent.body, {}),
        delivery(source, secret=OTHER),
    ):
        assert send(bad).status_code == 400
    other = next(each for each in BOTH if each is not source)
    assert send(sent, other.name).status_code == 400
    assert send(sent, "nobody").status_code == 404
    assert nothing_is_stored()


@pytest.mark.django_db
def test_a_source_says_how_large_a_body_may_be() -> None:
    # Larger than Django takes of a form.
    assert send(delivery(HUB, body_of(note="x" * 2_900_000))).status_code == 200
    Event.objects.all().delete()
    Message.objects.all().delete()
    for source, size in ((ACME, 1_000_000), (HUB, 3_000_000)):
        assert send(delivery(source, body_of(note="x" * size))).status_code == 413
    assert nothing_is_stored()


@pytest.mark.django_db
def test_what_a_source_without_a_secret_sends_is_to_be_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    give_secrets(monkeypatch)
    for source in BOTH:
        assert send(delivery(source)).status_code == 503
    assert nothing_is_stored()


# Latin-1 is what servers make of the bytes of a header.
VALUES = st.binary(min_size=1, max_size=40).map(lambda value: value.decode("latin-1")) | st.just(
    "v1," * 20_000
)
NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature", "X-Hub-Signature-256")


def test_hostile_headers_are_refused_and_no_failure(db: None) -> None:
    @given(st.sampled_from(BOTH), st.dictionaries(st.sampled_from(NAMES), VALUES))
    def refused(source: Any, headers: dict[str, str]) -> None:
        assert send(Delivery(source, body_of(), headers)).status_code == 400

    refused()
    assert nothing_is_stored()
