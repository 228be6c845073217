"""Staff see what was bought and what Stripe told, and have both looked at again."""

from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from core.billing.tasks import ReconcileCustomer
from core.webhooks.tasks import HandleEvent
from tests.service.admin.conftest import csrf, log_in, staff
from tests.service.outbox.rows import messages
from tests.service.webhooks.stripe.conftest import event, ledger, send

__all__ = ["ledger", "staff"]

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]
EVENTS = "/admin/event/list"


@pytest.fixture
async def stored(client: httpx.AsyncClient, database: Database) -> int:
    """An event in the ledger, whose task is done."""
    assert (await send(client, event("evt_1", customer="cus_9"))).status_code == 200
    database.execute("TRUNCATE outbox_message")
    row = database.execute("SELECT id FROM webhooks_event").fetchone()
    assert row
    return int(row["id"])


async def press(
    client: httpx.AsyncClient, view: str, name: str, row: int, token: str, kind: str = "row-action"
) -> httpx.Response:
    """Press a button of a row, or of the list."""
    return await client.post(
        f"/admin/_api/{view}/{kind}",
        params={"name": name, "pk": row, "pks": row},
        headers={"X-CSRFToken": token},
    )


async def test_an_event_is_found_by_what_it_is_about(
    staff: httpx.AsyncClient, database: Database, stored: int
) -> None:
    for wanted in ("evt_1", "invoice.paid", "in_1", "cus_1"):
        assert "evt_1" in (await staff.get(EVENTS, params={"q": wanted})).text, wanted
    assert "evt_1" not in (await staff.get(EVENTS, params={"q": "cus_2"})).text
    page = await staff.get("/admin/event/detail", params={"pk": stored})
    assert "&#34;livemode&#34;: false" in page.text


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


async def test_what_was_bought_is_seen(
    staff: httpx.AsyncClient, database: Database, make_team: Callable[..., int]
) -> None:
    team = make_team("Acme")
    for view, word in (
        ("customer", f"cus_{team}"),
        ("subscription", f"sub_{team}"),
        ("invoice", "$99"),
        ("purchase", "$499"),
        ("usage", "Usage"),
        ("usage-report", "Usage reports"),
    ):
        page = await staff.get(f"/admin/{view}/list")
        assert (page.status_code, word in page.text) == (200, True), view
        assert (await staff.get(f"/admin/{view}/create")).status_code == 403, view
    database.execute(
        "INSERT INTO billing_usage (team_id, meter, quantity, occurred_at, is_billed)"
        " VALUES (%s, 'changes', 7, now(), true)",
        [team],
    )
    make_team("Others")
    for view, word in (("usage", ">7<"), ("customer", f"cus_{team}"), ("invoice", "$99")):
        for wanted, is_there in (("acme", True), ("nobody", False)):
            page = await staff.get(f"/admin/{view}/list", params={"q": wanted})
            assert (word in page.text) == is_there, (view, wanted)
    found = await staff.get("/admin/subscription/list", params={"q": f"cus_{team}"})
    assert f"sub_{team}" in found.text
    assert f"sub_{team + 1}" not in found.text


async def test_a_customer_is_compared_with_stripe(
    staff: httpx.AsyncClient, database: Database, make_team: Callable[..., int]
) -> None:
    make_team()
    row = database.execute("SELECT id FROM billing_customer").fetchone()
    assert row
    token = await csrf(staff, "/admin/customer/list")
    answer = await press(staff, "customer", "reconcile", row["id"], token)
    assert answer.status_code == 200
    assert messages(database) == [(ReconcileCustomer.name, {"customer_id": row["id"]})]
