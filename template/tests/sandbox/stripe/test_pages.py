"""The sandbox's own page shows everything, changes what it offers, and keeps it."""

from pathlib import Path

import httpx
import pytest

from sandbox.stripe.clock import Clock
from sandbox.stripe.thread import RunningStripe
from sandbox.stripe.world import World
from tests.sandbox.stripe.receiver import Receiver
from tests.sandbox.stripe.shop import Shop

SCRIPT = "<script>alert(1)</script>"


def press(sandbox: RunningStripe, path: str, **form: str) -> httpx.Response:
    origin = sandbox.url.removesuffix("/dev/stripe")
    return httpx.post(f"{sandbox.url}{path}", data=form, headers={"Origin": origin})


def test_the_page_shows_state_clock_and_deliveries(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe()
    shop.client.v1.customers.create({"name": SCRIPT})
    sandbox.deliveries.wait()
    answer = httpx.get(sandbox.url)
    assert subscription.id in answer.text
    assert "customer.subscription.created" in answer.text
    assert "2027-01-15 09:00:00 UTC" in answer.text
    assert SCRIPT not in answer.text
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    one = httpx.get(f"{sandbox.url}/object/{subscription.id}").text
    assert "current_period_end" in one


def test_the_clock_is_moved_by_a_button(shop: Shop, sandbox: RunningStripe) -> None:
    subscription = shop.subscribe(trial_period_days=1)
    assert press(sandbox, "/clock", step="3 days").status_code == 303
    assert shop.again(subscription).status == "active"
    assert press(sandbox, "/clock", step="1 eon").status_code == 400


def test_the_next_payment_is_refused_by_a_button(shop: Shop, sandbox: RunningStripe) -> None:
    press(sandbox, "/refuse")
    assert shop.subscribe().status == "incomplete"
    assert shop.subscribe().status == "active"


def test_deliveries_are_changed_by_buttons(
    shop: Shop, sandbox: RunningStripe, receiver: Receiver
) -> None:
    press(sandbox, "/deliveries", answer="hold")
    for name in ("a", "b", "c", "d"):
        shop.client.v1.products.create({"name": name})
    numbers = [str(each.number) for each in sandbox.deliveries.held()]
    press(sandbox, "/deliveries", answer="drop", number=numbers[0])
    press(sandbox, "/deliveries", answer="send", number=numbers[2])
    receiver.wait(1)
    press(sandbox, "/deliveries", answer="repeat", number=numbers[2])
    press(sandbox, "/deliveries", answer="delay", number=numbers[1])
    press(sandbox, "/deliveries", answer="reverse")
    press(sandbox, "/deliveries", answer="shuffle")
    assert press(sandbox, "/deliveries", answer="explode").status_code == 400
    press(sandbox, "/deliveries", answer="release")
    sandbox.deliveries.wait()
    came = [event["data"]["object"]["name"] for event in receiver.events]
    assert came[0] == "c"
    assert sorted(came) == ["b", "c", "c", "d"]


def test_everything_can_be_forgotten(shop: Shop, sandbox: RunningStripe) -> None:
    shop.subscribe()
    press(sandbox, "/reset")
    assert sandbox.customers() == []
    assert len(shop.client.v1.webhook_endpoints.list().data) == 1


@pytest.mark.parametrize("path", ["/clock", "/deliveries", "/reset", "/refuse"])
def test_other_websites_change_nothing(path: str, sandbox: RunningStripe) -> None:
    for headers in ({}, {"Origin": "https://evil.example"}):
        assert httpx.post(f"{sandbox.url}{path}", headers=headers).status_code == 403


def test_state_survives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "stripe.json"
    world = World(Clock())
    world.add({"id": world.new_id("cus"), "object": "customer", "_deleted": True})
    world.clock.ahead = 86_400
    world.save(file)
    again = World(Clock())
    again.load(file)
    assert again.objects == world.objects
    assert again.clock.ahead == 86_400
    assert again.new_id("cus") not in again.objects["customer"]
    file.write_text("{broken")
    again.load(file)
    assert again.objects == world.objects
