"""Staff see what was bought, and have it compared with Stripe."""

from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from core.billing.tasks import ReconcileCustomer
from tests.service.admin.conftest import csrf, press, staff
from tests.service.outbox.rows import messages

__all__ = ["staff"]

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]


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
