"""What people and programs do with webhooks: what is refused, noted, shown, and kept apart."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import JsonValue

from core.api.schemas import PageQuery
from core.outbox.write import Execute
from core.outgoing import deliveries, desk
from core.outgoing.endpoints import MOST_ENDPOINTS
from core.outgoing.events import EVENTS
from core.outgoing.health import Lately, lately
from core.outgoing.schemas import DeliveryQuery, DeliveryStatus, NewWebhook, WebhookChange
from core.problems import Problem

URL = "https://hooks.example.com/in?token=abc"
SECRET_PARTS = ("whsec_", "token=abc", "/in")


def make(execute: Execute, team: int, url: str = URL, **fields: Any) -> int:
    return desk.create_webhook(execute, team, NewWebhook(url=url, **fields)).id


def audit(execute: Execute, team: int) -> list[tuple[str, dict[str, JsonValue]]]:
    rows = execute(
        "SELECT action, details FROM audit_entry WHERE team_id = %(team)s ORDER BY id",
        {"team": team},
    )
    return [(action, details) for action, details in rows]


def test_every_type_has_an_example_that_its_schema_allows() -> None:
    listed = desk.event_types().items
    assert [each.name for each in listed] == list(EVENTS)
    for each in listed:
        assert each.example["type"] == each.name
        EVENTS[each.name].model_validate(each.example["data"])
        assert each.data_schema["type"] == "object"


def test_the_secret_is_known_when_it_is_made_and_never_again(execute: Execute, team: int) -> None:
    made = desk.create_webhook(execute, team, NewWebhook(url=URL))
    assert made.secret.startswith("whsec_")
    assert made.secret not in repr(made)
    shown = desk.get_webhook(execute, team, made.id)
    assert shown.model_dump() == made.model_dump(exclude={"secret"})
    rotated = desk.rotate_secret(execute, team, made.id)
    assert rotated.secret != made.secret
    assert rotated.former_secret_until
    assert made.former_secret_until is None


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://printer.local/",
        "https://ann:secret@hooks.example.com/",
        "ftp://hooks.example.com/",
        "nonsense",
    ],
)
def test_an_address_that_nobody_else_could_reach_is_refused_at_its_field(
    execute: Execute, team: int, url: str
) -> None:
    webhook = make(execute, team)
    for attempt in (
        lambda: make(execute, team, url),
        lambda: desk.update_webhook(execute, team, webhook, WebhookChange(url=url)),
    ):
        with pytest.raises(Problem) as refused:
            attempt()
        assert refused.value.status == 422
        assert [each["pointer"] for each in refused.value.extra["errors"]] == ["#/url"]
    assert [action for action, _ in audit(execute, team)] == ["webhook.created"]


def test_an_address_is_there_once_in_a_team(execute: Execute, team: int, other_team: int) -> None:
    first = make(execute, team)
    second = make(execute, team, "https://hooks.example.com/other")
    make(execute, other_team)
    same = URL.replace("hooks.example.com", "HOOKS.example.com:443")
    for attempt in (
        lambda: make(execute, team, same),
        lambda: desk.update_webhook(execute, team, second, WebhookChange(url=same)),
    ):
        with pytest.raises(Problem, match="such a webhook") as refused:
            attempt()
        assert (refused.value.status, refused.value.kind) == (409, "duplicate-webhook")
    # Its own address is no other one.
    desk.update_webhook(execute, team, first, WebhookChange(url=same, description="x"))


def test_there_are_not_too_many(execute: Execute, team: int) -> None:
    for number in range(MOST_ENDPOINTS):
        make(execute, team, f"https://hooks.example.com/{number}")
    with pytest.raises(Problem) as refused:
        make(execute, team)
    assert (refused.value.status, refused.value.kind) == (409, "too-many")
    assert str(MOST_ENDPOINTS) in refused.value.sentence


def test_a_type_that_is_none_is_refused_at_its_field(execute: Execute, team: int) -> None:
    with pytest.raises(Problem) as refused:
        make(execute, team, event_types=["project.vanished"])
    assert [each["pointer"] for each in refused.value.extra["errors"]] == ["#/event_types"]


def test_what_changes_is_noted_once_and_without_what_is_secret(execute: Execute, team: int) -> None:
    webhook = make(execute, team, description="Ours")
    same = WebhookChange(url=URL, description="Ours", event_types=[])
    desk.update_webhook(execute, team, webhook, same)
    other = WebhookChange(url="https://new.example.com/in", event_types=["member.added"])
    desk.update_webhook(execute, team, webhook, other)
    for _ in range(2):
        desk.disable_webhook(execute, team, webhook)
    for _ in range(2):
        desk.enable_webhook(execute, team, webhook)
    desk.rotate_secret(execute, team, webhook)
    desk.delete_webhook(execute, team, webhook)
    entries = audit(execute, team)
    assert [action for action, _ in entries] == [
        "webhook.created",
        "webhook.changed",
        "webhook.disabled",
        "webhook.enabled",
        "webhook.secret_rotated",
        "webhook.deleted",
    ]
    assert entries[1][1] == {
        "host": "new.example.com",
        "former_host": "hooks.example.com",
        "former_types": [],
        "new_types": ["member.added"],
    }
    assert not [part for part in SECRET_PARTS if part in str(entries)]


def test_webhooks_are_listed_in_pages(execute: Execute, team: int, other_team: int) -> None:
    ids = [make(execute, team, f"https://hooks.example.com/{number}") for number in range(3)]
    make(execute, other_team)
    first = desk.list_webhooks(execute, team, PageQuery(limit=2))
    assert [each.id for each in first.items] == ids[:0:-1]
    last = desk.list_webhooks(execute, team, PageQuery(limit=2, cursor=first.next_cursor))
    assert [each.id for each in last.items] == ids[:1]
    assert last.next_cursor is None


def test_deliveries_are_found_by_what_they_are(
    execute: Execute, team: int, other_team: int
) -> None:
    one, two = make(execute, team), make(execute, team, "https://hooks.example.com/two")
    theirs = make(execute, other_team)
    desk.send_test(execute, other_team, theirs, "webhook.test")
    sent = [
        desk.send_test(execute, team, webhook, event_type).id
        for webhook, event_type in (
            (one, "webhook.test"),
            (one, "member.added"),
            (two, "webhook.test"),
        )
    ]
    fail(execute, sent[0])

    def found(**wanted: Any) -> list[int]:
        page = desk.list_deliveries(execute, team, DeliveryQuery(**wanted))
        return [each.id for each in page.items]

    assert found() == sent[::-1]
    assert found(webhook_id=one) == [sent[1], sent[0]]
    assert found(event_type="webhook.test") == [sent[2], sent[0]]
    assert found(status=DeliveryStatus.FAILED) == [sent[0]]
    assert found(status=DeliveryStatus.FAILED, webhook_id=two) == []
    first = desk.list_deliveries(execute, team, DeliveryQuery(limit=2))
    rest = desk.list_deliveries(execute, team, DeliveryQuery(limit=2, cursor=first.next_cursor))
    assert [each.id for each in (*first.items, *rest.items)] == sent[::-1]
    assert lately(execute, team) == {one: Lately(0, 1, 1), two: Lately(0, 1, 0)}


def test_a_delivery_tells_its_attempts_the_newest_first(execute: Execute, team: int) -> None:
    webhook = make(execute, team)
    sent = desk.send_test(execute, team, webhook, "project.created")
    assert (sent.status, sent.attempt_count) == (DeliveryStatus.PENDING, 0)
    assert sent.response_status is None
    fail(execute, sent.id, 500, "The answer was 500.")
    fail(execute, sent.id, None, "There was no answer.")
    details = desk.get_delivery(execute, team, sent.id)
    assert [each.response_status for each in details.attempts] == [None, 500]
    assert details.attempts[1].response_headers == {"server": "x"}
    assert (details.response_status, details.error) == (None, "There was no answer.")
    assert details.payload["type"] == "project.created"
    EVENTS["project.created"].model_validate(details.payload["data"])
    again = desk.redeliver(execute, team, sent.id)
    assert (again.id, again.event_id) == (sent.id, sent.event_id)
    assert again.status == DeliveryStatus.PENDING


def test_nothing_is_sent_to_what_is_switched_off(execute: Execute, team: int) -> None:
    webhook = make(execute, team)
    sent = desk.send_test(execute, team, webhook, "webhook.test")
    off = desk.disable_webhook(execute, team, webhook, "Because.")
    assert (off.disabled_reason, bool(off.disabled_at)) == ("Because.", True)
    attempts: list[Callable[[], object]] = [
        lambda: desk.send_test(execute, team, webhook, "webhook.test"),
        lambda: desk.redeliver(execute, team, sent.id),
    ]
    for attempt in attempts:
        with pytest.raises(Problem) as refused:
            attempt()
        assert refused.value.status == 409


def test_what_another_team_has_is_not_there(execute: Execute, team: int, other_team: int) -> None:
    webhook = make(execute, other_team)
    sent = desk.send_test(execute, other_team, webhook, "webhook.test").id
    attempts: list[Callable[[], object]] = [
        lambda: desk.get_webhook(execute, team, webhook),
        lambda: desk.lock_webhook(execute, team, webhook),
        lambda: desk.update_webhook(execute, team, webhook, WebhookChange(description="x")),
        lambda: desk.delete_webhook(execute, team, webhook),
        lambda: desk.enable_webhook(execute, team, webhook),
        lambda: desk.disable_webhook(execute, team, webhook),
        lambda: desk.rotate_secret(execute, team, webhook),
        lambda: desk.send_test(execute, team, webhook, "webhook.test"),
        lambda: desk.list_deliveries(execute, team, DeliveryQuery(webhook_id=webhook)),
        lambda: desk.get_delivery(execute, team, sent),
        lambda: desk.redeliver(execute, team, sent),
    ]
    before = state(execute)
    for attempt in attempts:
        with pytest.raises(Problem) as refused:
            attempt()
        assert refused.value.status == 404
    assert state(execute) == before
    assert audit(execute, team) == []


def fail(execute: Execute, delivery: int, status: int | None = 500, error: str = "No.") -> None:
    """What the worker writes when the last attempt fails."""
    execute(
        """
        INSERT INTO outgoing_attempt
            (delivery_id, started_at, duration_ms, request_headers, response_status,
             response_headers, response_body, error)
        VALUES (%(id)s, now(), 5, '{}', %(status)s, '{"server": "x"}', '', %(error)s)
        """,
        {"id": delivery, "status": status, "error": error},
    )
    execute(
        "UPDATE outgoing_delivery SET status = 'failed', ended_at = now() WHERE id = %(id)s",
        {"id": delivery},
    )


def state(execute: Execute) -> list[object]:
    """All rows that could have changed."""
    return [
        execute(f"SELECT * FROM {table} ORDER BY id", {})  # noqa: S608  names of ours
        for table in ("outgoing_endpoint", "outgoing_delivery", "outbox_message")
    ]


def test_the_deliveries_of_a_team_are_found_by_an_index(
    execute: Execute, team: int, other_team: int
) -> None:
    webhook = make(execute, other_team)
    execute(
        """
        WITH event AS (
            INSERT INTO outgoing_event (team_id, public_id, type, payload, created_at)
            SELECT %(team)s, 'msg_' || number, 'webhook.test', '{}', now()
            FROM generate_series(1, 3000) AS number
            RETURNING id
        )
        INSERT INTO outgoing_delivery
            (endpoint_id, event_id, team_id, status, attempts, created_at, asked_at)
        SELECT %(webhook)s, id, %(team)s, 'delivered', 1, now(), now() FROM event
        """,
        {"team": other_team, "webhook": webhook},
    )
    execute("ANALYZE outgoing_delivery", {})
    nobody = dict.fromkeys(("endpoint_id", "event_type", "status", "before"))
    plan = execute(f"EXPLAIN {deliveries.LIST}", {**nobody, "team_id": team, "limit": 50})
    assert any("outgoing_delivery_team" in line for (line,) in plan), plan
