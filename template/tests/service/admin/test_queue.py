"""Staff see the background work; superusers replay what failed."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.types.json import Jsonb

from core.tasks import SCHEDULE
from sandbox.ports import free_port
from tests.service.admin.conftest import csrf, log_in
from tests.service.conftest import insert
from tests.service.outbox.rows import messages

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]
AWAY = "The broker cannot be reached"
LETTERS = "/admin/dead-letter/list"


@pytest.fixture
def letter(database: Database) -> int:
    """Work that failed for good."""
    return insert(
        database,
        "outbox_deadletter",
        task="accounts.send_welcome_mail",
        payload=Jsonb({"user_id": 7}),
        request_id="",
        schedule="",
        attempts=9,
        error="RuntimeError: <b>no</b>",
        traceback='Traceback (most recent call last):\n  File "tasks.py"',
        failed_at=datetime.now(UTC),
    )


async def replay(client: httpx.AsyncClient, letter: int, token: str) -> httpx.Response:
    """Press the button of one letter."""
    return await client.post(
        "/admin/_api/dead-letter/row-action",
        params={"name": "replay", "pk": letter},
        headers={"X-CSRFToken": token},
    )


async def test_a_dead_letter_is_found_and_shows_what_happened(
    staff: httpx.AsyncClient, letter: int
) -> None:
    found = await staff.get(LETTERS, params={"q": "RuntimeError"})
    assert "RuntimeError: &lt;b&gt;no&lt;/b&gt;" in found.text
    assert "RuntimeError" not in (await staff.get(LETTERS, params={"q": "KeyError"})).text
    page = await staff.get("/admin/dead-letter/detail", params={"pk": letter})
    assert "Traceback (most recent call last)" in page.text
    assert "{&#34;user_id&#34;: 7}" in page.text


async def test_a_letter_is_replayed_once(
    staff: httpx.AsyncClient, database: Database, letter: int
) -> None:
    token = await csrf(staff, LETTERS)
    assert (await replay(staff, letter, token)).status_code == 200
    assert (await replay(staff, letter, token)).status_code == 400
    assert messages(database) == [("accounts.send_welcome_mail", {"user_id": 7})]


async def test_many_letters_are_replayed_at_once(
    staff: httpx.AsyncClient, database: Database, letter: int
) -> None:
    answer = await staff.post(
        "/admin/_api/dead-letter/action",
        params={"name": "replay", "pks": [letter, letter + 1]},
        headers={"X-CSRFToken": await csrf(staff, LETTERS)},
    )
    assert answer.status_code == 200
    assert len(messages(database)) == 1
    assert "1 of 2 will be tried again" in (await staff.get(LETTERS)).text


async def test_a_letter_is_not_replayed_for_another_site(
    staff: httpx.AsyncClient, database: Database, letter: int
) -> None:
    assert (await replay(staff, letter, "")).status_code == 403
    assert messages(database) == []


async def test_staff_who_are_not_superusers_only_look(
    client: httpx.AsyncClient, database: Database, make_user: Callable[..., int], letter: int
) -> None:
    make_user("staff@example.com", is_staff=True)
    await log_in(client, "staff@example.com")
    token = await csrf(client, LETTERS)
    for name in ("replay", "delete"):
        for kind in ("action", "row-action"):
            answer = await client.post(
                f"/admin/_api/dead-letter/{kind}",
                params={"name": name, "pk": letter, "pks": letter},
                headers={"X-CSRFToken": token},
            )
            assert answer.status_code == 400, (name, kind)
    assert messages(database) == []
    assert database.execute("SELECT replayed_at FROM outbox_deadletter").fetchone() == {
        "replayed_at": None
    }


async def test_nobody_changes_or_deletes_work_by_hand(
    staff: httpx.AsyncClient, database: Database, letter: int
) -> None:
    token = await csrf(staff, LETTERS)
    await replay(staff, letter, token)
    row = database.execute("SELECT id FROM outbox_message").fetchone()
    assert row
    message = row["id"]
    assert (await staff.get(f"/admin/message/edit?pk={message}")).status_code == 403
    answer = await staff.post(
        "/admin/_api/message/row-action",
        params={"name": "delete", "pk": message},
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 400
    assert len(messages(database)) == 1


async def test_the_schedule_shows_when_work_runs(
    staff: httpx.AsyncClient, database: Database
) -> None:
    database.execute("TRUNCATE outbox_schedule")
    for name in (SCHEDULE[0].name, "gone"):
        database.execute(
            "INSERT INTO outbox_schedule (name, last_tick, last_error) VALUES (%s, now(), '')",
            [name],
        )
    page = await staff.get("/admin/schedule/list")
    assert SCHEDULE[0].cron in page.text
    assert "no longer runs" in page.text


async def test_the_page_of_the_queue_counts(staff: httpx.AsyncClient, letter: int) -> None:
    page = await staff.get("/admin/queue")
    assert page.status_code == 200
    assert 'href="http://testserver/admin/dead-letter/list">1</a>' in page.text
    assert AWAY not in page.text


async def test_the_page_of_the_queue_does_without_the_broker(
    staff: httpx.AsyncClient, environment: Callable[..., None]
) -> None:
    environment(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    page = await staff.get("/admin/queue")
    assert page.status_code == 200
    assert AWAY in page.text
