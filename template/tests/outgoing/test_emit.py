"""What happens is written down once for each endpoint that wants it, or not at all."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from core.outbox.write import Execute
from core.outgoing import deliveries, endpoints
from core.outgoing.catalogue import Event
from core.outgoing.emit import emit
from core.outgoing.events import EVENTS, MemberAdded, MemberRemoved, TestEvent
from core.outgoing.tasks import Deliver
from core.problems import Problem

URL = "https://example.com/hook"
ADDED = MemberAdded.model_validate({"member": {"user_id": 7, "role": "member"}})


def asked(execute: Execute) -> list[int]:
    """The deliveries that a worker was asked for."""
    statement = "SELECT payload::text FROM outbox_message WHERE task = %(task)s"
    rows = execute(statement, {"task": Deliver.name})
    return sorted(json.loads(text)["delivery"] for (text,) in rows)


def test_each_endpoint_that_wants_it_is_told_once(
    execute: Execute, team: int, other_team: int
) -> None:
    everything, _ = endpoints.create_endpoint(execute, team, url=URL)
    this, _ = endpoints.create_endpoint(execute, team, url=URL, event_types=["member.added"])
    endpoints.create_endpoint(execute, team, url=URL, event_types=["member.removed"])
    off, _ = endpoints.create_endpoint(execute, team, url=URL)
    endpoints.disable_endpoint(execute, team, off.id)
    endpoints.create_endpoint(execute, other_team, url=URL)
    assert emit(execute, team, ADDED) == 2
    found = deliveries.list_deliveries(execute, team)
    assert {each.endpoint_id for each in found} == {everything.id, this.id}
    assert len({each.message_id for each in found}) == 1
    assert asked(execute) == sorted(each.id for each in found)
    assert deliveries.list_deliveries(execute, other_team) == []


def test_nothing_is_written_where_nobody_listens(execute: Execute, team: int) -> None:
    endpoints.create_endpoint(execute, team, url=URL, event_types=[MemberRemoved.type])
    assert emit(execute, team, ADDED) == 0
    assert execute("SELECT id FROM outgoing_event", {}) == []
    assert asked(execute) == []


def test_the_body_is_that_of_standard_webhooks(execute: Execute, team: int) -> None:
    endpoints.create_endpoint(execute, team, url=URL)
    emit(execute, team, ADDED)
    (found,) = deliveries.list_deliveries(execute, team)
    log = deliveries.get_delivery(execute, team, found.id)
    assert log.payload.keys() == {"type", "timestamp", "data"}
    assert log.payload["type"] == found.type == "member.added"
    assert log.payload["data"] == {"member": {"user_id": 7, "role": "member"}}
    assert (found.status, found.attempts, log.attempts) == ("pending", 0, ())


def test_a_test_reaches_one_endpoint_whatever_it_chose(execute: Execute, team: int) -> None:
    made, _ = endpoints.create_endpoint(execute, team, url=URL, event_types=["member.removed"])
    endpoints.create_endpoint(execute, team, url=URL)
    sent = deliveries.send_test(execute, team, made.id)
    assert (sent.endpoint_id, sent.type) == (made.id, TestEvent.type)
    example = deliveries.send_test(execute, team, made.id, "member.added")
    payload = deliveries.get_delivery(execute, team, example.id).payload
    assert payload["data"] == EVENTS["member.added"].example()
    # What happened is told without the word: its keys are looked at above.
    for each in (sent, example):
        assert deliveries.get_delivery(execute, team, each.id).payload["test"] is True
    assert asked(execute) == [sent.id, example.id]


def test_what_is_switched_off_gets_no_tests(execute: Execute, team: int) -> None:
    made, _ = endpoints.create_endpoint(execute, team, url=URL)
    sent = deliveries.send_test(execute, team, made.id)
    endpoints.disable_endpoint(execute, team, made.id)
    with pytest.raises(Problem) as refused:
        deliveries.send_test(execute, team, made.id)
    assert refused.value.status == 409
    with pytest.raises(Problem) as refused:
        deliveries.redeliver(execute, team, sent.id)
    assert refused.value.status == 409


def test_nobody_sees_or_repeats_deliveries_of_another_team(
    execute: Execute, team: int, other_team: int
) -> None:
    made, _ = endpoints.create_endpoint(execute, team, url=URL)
    sent = deliveries.send_test(execute, team, made.id)
    assert deliveries.list_deliveries(execute, other_team) == []
    reach: tuple[tuple[Callable[..., object], int], ...] = (
        (deliveries.get_delivery, sent.id),
        (deliveries.redeliver, sent.id),
        (deliveries.send_test, made.id),
    )
    for function, number in reach:
        with pytest.raises(Problem) as refused:
            function(execute, other_team, number)
        assert refused.value.status == 404
    with pytest.raises(Problem) as refused:
        deliveries.list_deliveries(execute, other_team, endpoint_id=made.id)
    assert refused.value.status == 404
    assert asked(execute) == [sent.id]


def test_deliveries_are_listed_by_what_is_asked_for(execute: Execute, team: int) -> None:
    one, _ = endpoints.create_endpoint(execute, team, url=URL)
    two, _ = endpoints.create_endpoint(execute, team, url=URL)
    sent = [deliveries.send_test(execute, team, each.id) for each in (one, two, one)]
    emit(execute, team, ADDED)

    def ids(**asked: Any) -> list[int]:
        return [each.id for each in deliveries.list_deliveries(execute, team, **asked)]

    assert ids(event_type="webhook.test") == [each.id for each in reversed(sent)]
    assert ids(event_type="webhook.test", endpoint_id=one.id) == [sent[2].id, sent[0].id]
    assert ids(before=sent[1].id) == [sent[0].id]
    assert len(ids(limit=2)) == 2
    assert len(ids(status="pending")) == 5
    assert ids(status="failed") == []


@pytest.mark.parametrize("event", EVENTS.values(), ids=str)
def test_every_type_has_an_example_that_is_valid(event: type[Event]) -> None:
    assert event.model_validate(event.example())
    assert event.description.endswith(".")
    assert event.json_schema()["properties"]
