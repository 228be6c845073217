"""Staff look at webhooks, send again and switch off; they see no secret and change nothing else."""

from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from core.encryption import encrypt
from core.outgoing import desk
from core.outgoing.schemas import MadeWebhook
from core.outgoing.tasks import Deliver
from tests.service.admin.conftest import csrf, log_in, staff
from tests.service.conftest import execute_on
from tests.service.outbox.rows import messages
from tests.service.outgoing.conftest import send
from tests.service.teams.conftest import Acme

__all__ = ["staff"]

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]
ENDPOINT, DELIVERY = "webhook-endpoint", "webhook-delivery"


async def press(
    client: httpx.AsyncClient, view: str, name: str, row: int, kind: str = "row-action"
) -> httpx.Response:
    """Press a button of a row, or of the list."""
    return await client.post(
        f"/admin/_api/{view}/{kind}",
        params={"name": name, "pk": row, "pks": row},
        headers={"X-CSRFToken": await csrf(client, f"/admin/{view}/list")},
    )


async def test_all_is_seen_but_the_secrets(
    staff: httpx.AsyncClient, acme: Acme, made: MadeWebhook, database: Database
) -> None:
    delivery = send(acme, made.id)
    database.execute("UPDATE outgoing_endpoint SET former_secret = %s", [encrypt("whsec_former")])
    database.execute(
        "INSERT INTO outgoing_attempt (delivery_id, started_at, duration_ms, request_headers,"
        " response_status, response_headers, response_body, error)"
        """ VALUES (%s, now(), 5, '{"webhook-id": "x"}', 500, '{}', 'Oh no', 'It was 500.')""",
        [delivery],
    )
    stored = database.execute("SELECT secret, former_secret FROM outgoing_endpoint").fetchone()
    attempt = database.execute("SELECT id FROM outgoing_attempt").fetchone()
    assert stored
    assert attempt
    shown = ""
    for view, row in (
        (ENDPOINT, made.id),
        (DELIVERY, delivery),
        ("webhook-attempt", attempt["id"]),
    ):
        listed = await staff.get(f"/admin/{view}/list")
        detail = await staff.get(f"/admin/{view}/detail", params={"pk": row})
        assert (listed.status_code, detail.status_code) == (200, 200), view
        assert (await staff.get(f"/admin/{view}/edit", params={"pk": row})).status_code == 403
        assert (await staff.get(f"/admin/{view}/create")).status_code == 403
        shown += listed.text + detail.text
    assert (await staff.get("/admin/outgoing-event/list")).status_code == 200
    for word in (made.url, "webhook.test", "Oh no", "It was 500."):
        assert word in shown, word
    for secret in (made.secret, *stored.values()):
        assert secret not in shown


async def test_webhooks_are_found_by_their_team(
    staff: httpx.AsyncClient, acme: Acme, made: MadeWebhook
) -> None:
    send(acme, made.id)
    for view, words in ((ENDPOINT, ("acme", "hooks.ex")), (DELIVERY, ("acme", "webhook.te"))):
        for word in words:
            assert made.url in (await staff.get(f"/admin/{view}/list", params={"q": word})).text
        nobody = await staff.get(f"/admin/{view}/list", params={"q": "nobody"})
        assert made.url not in nobody.text


@pytest.mark.parametrize("kind", ["action", "row-action"])
async def test_staff_switch_off_and_send_again(
    client: httpx.AsyncClient,
    make_user: Callable[..., int],
    acme: Acme,
    made: MadeWebhook,
    database: Database,
    kind: str,
) -> None:
    delivery = send(acme, made.id)
    database.execute("TRUNCATE outbox_message")
    clerk = make_user("clerk@example.com", is_staff=True)
    await log_in(client, "clerk@example.com")
    assert (await press(client, DELIVERY, "redeliver", delivery, kind)).status_code == 200
    assert messages(database) == [(Deliver.name, {"delivery": delivery})]
    assert (await press(client, ENDPOINT, "switch-off", made.id, kind)).status_code == 200
    webhook = desk.get_webhook(execute_on(database), acme.id, made.id)
    assert webhook.disabled_reason == "Switched off by our support."
    entry = database.execute(
        "SELECT actor_id FROM audit_entry WHERE action = 'webhook.disabled' ORDER BY id DESC"
    ).fetchone()
    assert entry == {"actor_id": clerk}
    refused = await press(client, DELIVERY, "redeliver", delivery, kind)
    assert refused.status_code == 400
    assert "Switch it on first" in refused.text
    assert len(messages(database)) == 1
