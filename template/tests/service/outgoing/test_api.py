"""Programs look after webhooks by API."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from core.outgoing.schemas import MadeWebhook
from tests.service.conftest import make_client
from tests.service.outgoing.conftest import URL, send
from tests.service.teams.conftest import API, Acme

pytestmark = pytest.mark.anyio


async def test_the_life_of_a_webhook(acme: Acme) -> None:
    owner, base = acme.clients["owner"], f"{API}/teams/{acme.id}"
    names = [each["name"] for each in (await owner.get(f"{API}/event-types")).json()["items"]]
    assert {"project.created", "member.added", "webhook.test"} <= set(names)
    body = {"url": URL, "event_types": ["project.created"]}
    once = {"Idempotency-Key": "once"}
    made = await owner.post(f"{base}/webhooks", json=body, headers=once)
    assert made.status_code == 201
    again = await owner.post(f"{base}/webhooks", json=body, headers=once)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (made.json(), "true")
    one, secret = f"{base}/webhooks/{made.json()['id']}", made.json()["secret"]
    for shown in (await owner.get(f"{base}/webhooks"), await owner.get(one)):
        assert secret not in shown.text
    version = (await owner.get(one)).headers["ETag"]
    assert (await owner.get(one, headers={"If-None-Match": version})).status_code == 304

    async def change(words: str) -> httpx.Response:
        headers = {"If-Match": version}
        return await owner.patch(one, json={"description": words}, headers=headers)

    changed = await change("Orders")
    assert (changed.status_code, changed.json()["description"]) == (200, "Orders")
    assert (await change("Others")).status_code == 412

    sent = await owner.post(f"{one}/test", json={"event_type": "member.added"})
    assert (sent.status_code, sent.json()["status"]) == (202, "pending")
    deliveries = f"{base}/webhook-deliveries"
    listed = await owner.get(deliveries, params={"status": "pending"})
    assert [each["id"] for each in listed.json()["items"]] == [sent.json()["id"]]
    delivery = f"{deliveries}/{sent.json()['id']}"
    details = (await owner.get(delivery)).json()
    assert (details["payload"]["type"], details["attempts"]) == ("member.added", [])
    assert (await owner.post(f"{delivery}/redeliver")).status_code == 202

    rotated = await owner.post(f"{one}/rotate-secret")
    assert rotated.json()["secret"] != secret
    assert (await owner.post(f"{one}/disable")).json()["disabled_at"]
    refused = await owner.post(f"{one}/test", json={})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:problem:endpoint-disabled")
    assert "Switch it on first" in refused.json()["detail"]
    assert (await owner.post(f"{one}/enable")).json()["disabled_at"] is None
    assert (await owner.delete(one)).status_code == 204
    assert (await owner.get(delivery)).status_code == 404
    noted = [(action, target) for action, target, _ in acme.audit()]
    assert noted == [
        (f"webhook.{action}", made.json()["id"])
        for action in ("created", "changed", "secret_rotated", "disabled", "enabled", "deleted")
    ]


async def test_what_cannot_be_says_what_to_do(acme: Acme, made: MadeWebhook) -> None:
    refused = await acme.ask("admin", "POST", "/webhooks", url="https://127.0.0.1/")
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == ["#/url"]
    second = await acme.ask("admin", "POST", "/webhooks", url=URL)
    assert (second.status_code, second.json()["type"]) == (409, "urn:problem:duplicate-webhook")
    assert "Change that one" in second.json()["detail"]
    assert [action for action, *_ in acme.audit()] == ["webhook.created"]


async def test_a_key_looks_and_sends_again_and_makes_nothing(
    app: FastAPI, acme: Acme, made: MadeWebhook, make_key: Callable[..., str]
) -> None:
    one = f"{API}/teams/{acme.id}/webhooks/{made.id}"
    async with (
        make_client(app, token=make_key(acme.id, "read")) as reads,
        make_client(app, token=make_key(acme.id, "write")) as writes,
    ):
        assert (await reads.get(one)).status_code == 200
        assert (await reads.post(f"{one}/test", json={})).status_code == 403
        assert (await writes.post(f"{one}/test", json={})).status_code == 202
        for key in (reads, writes):
            assert (await key.post(f"{one}/rotate-secret")).status_code == 403
            made_by_key = await key.post(
                f"{API}/teams/{acme.id}/webhooks", json={"url": f"{URL}/2"}
            )
            assert made_by_key.status_code == 403


async def test_a_delivery_of_another_team_is_not_there(
    acme: Acme, made: MadeWebhook, make_team: Callable[..., int]
) -> None:
    delivery = send(acme, made.id)
    theirs = make_team("Globex", owner=acme.ids["outsider"])
    stranger = acme.clients["outsider"]

    async def statuses(team: int) -> list[int]:
        base = f"{API}/teams/{team}/webhook-deliveries"
        answers: list[Any] = [
            await stranger.get(f"{base}/{delivery}"),
            await stranger.post(f"{base}/{delivery}/redeliver"),
            await stranger.get(base, params={"webhook_id": made.id}),
        ]
        return [each.status_code for each in answers]

    assert await statuses(acme.id) == [404, 404, 404]
    assert await statuses(theirs) == [404, 404, 404]
