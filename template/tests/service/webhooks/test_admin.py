"""Staff see what was told to us, and have it handled again."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest

from core.webhooks.tasks import HandleEvent
from tests.service.admin.conftest import csrf, log_in, press, staff
from tests.service.conftest import insert
from tests.service.outbox.rows import messages

__all__ = ["staff"]

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]
EVENTS = "/admin/event/list"


@pytest.fixture
def stored(database: Database) -> int:
    """An event in the ledger, whose task is done."""
    database.execute("TRUNCATE webhooks_event")
    return insert(
        database,
        "webhooks_event",
        source="acme",
        event_id="evt_1",
        type="order.paid",
        object_id="ord_1",
        customer="cus_1",
        payload='{"paid": false}',
        created_at=datetime.now(UTC),
        received_at=datetime.now(UTC),
        attempts=0,
        error="",
    )


async def test_an_event_is_found_by_what_it_is_about(
    staff: httpx.AsyncClient, database: Database, stored: int
) -> None:
    for wanted in ("evt_1", "order.paid", "ord_1", "cus_1"):
        assert "evt_1" in (await staff.get(EVENTS, params={"q": wanted})).text, wanted
    assert "evt_1" not in (await staff.get(EVENTS, params={"q": "cus_2"})).text
    page = await staff.get("/admin/event/detail", params={"pk": stored})
    assert "&#34;paid&#34;: false" in page.text


@pytest.mark.parametrize("kind", ["action", "row-action"])
async def test_staff_have_an_event_handled_again(
    client: httpx.AsyncClient,
    database: Database,
    make_user: Callable[..., int],
    stored: int,
    kind: str,
) -> None:
    make_user("staff@example.com", is_staff=True)
    await log_in(client, "staff@example.com")
    token = await csrf(client, EVENTS)
    for _ in range(2):
        assert (await press(client, "event", "replay", stored, token, kind)).status_code == 200
    assert messages(database) == [(HandleEvent.name, {"event": stored})] * 2


async def test_nobody_else_has_an_event_handled(
    client: httpx.AsyncClient, staff: httpx.AsyncClient, database: Database, stored: int
) -> None:
    assert (await press(staff, "event", "replay", stored, "")).status_code == 403
    parameters: dict[str, str | int] = {"name": "replay", "pk": stored}
    assert (await staff.get("/admin/_api/event/row-action", params=parameters)).status_code == 405
    token = await csrf(staff, EVENTS)
    for name in ("delete", "edit"):
        assert (await press(staff, "event", name, stored, token)).status_code == 400
    assert messages(database) == []
    assert database.execute("SELECT 1 FROM webhooks_event").fetchone()
