"""Events are delivered, signed, until they are taken, and as a test wants them."""

import asyncio
import json
import time
from pathlib import Path

import pytest
import stripe

from sandbox.stripe.customers import create as create_customer
from sandbox.stripe.forms import Params
from sandbox.stripe.server import Stripe
from sandbox.stripe.thread import RunningStripe
from sandbox.stripe.webhooks import Delivery
from sandbox.stripe.world import World
from tests.sandbox.stripe.receiver import Receiver
from tests.sandbox.stripe.shop import Shop


def test_a_delivery_is_signed_as_stripes_library_checks(
    client: stripe.StripeClient, sandbox: RunningStripe, receiver: Receiver
) -> None:
    customer = client.v1.customers.create({"name": "Ánn"})
    receiver.wait(1)
    body, signature = receiver.came[0]
    verify = stripe.WebhookSignature.verify_header
    assert verify(body.decode(), signature, sandbox.webhook_secret, tolerance=5)
    event = stripe.Webhook.construct_event(body, signature, sandbox.webhook_secret)
    assert (event.type, event.data.object["id"]) == ("customer.created", customer.id)
    for wrong_body, secret in ((body + b" ", sandbox.webhook_secret), (body, "whsec_other")):
        with pytest.raises(stripe.SignatureVerificationError):
            verify(wrong_body.decode(), signature, secret)


def test_a_signature_is_of_now_although_the_clock_was_moved(
    shop: Shop, sandbox: RunningStripe, receiver: Receiver
) -> None:
    shop.subscribe(trial_period_days=30)
    sandbox.advance(days=300)
    sandbox.deliveries.wait()
    for body, signature in receiver.came:
        assert stripe.WebhookSignature.verify_header(
            body.decode(), signature, sandbox.webhook_secret, tolerance=60
        )
    assert int(receiver.came[-1][1].split(",")[0][2:]) <= time.time() + 1


def test_what_is_not_taken_is_delivered_again(
    client: stripe.StripeClient, sandbox: RunningStripe, receiver: Receiver
) -> None:
    receiver.statuses = [500, 302]
    client.v1.customers.create()
    sandbox.deliveries.wait()
    assert len(receiver.came) == 3
    assert len({event["id"] for event in receiver.events}) == 1
    (delivery,) = sandbox.deliveries.all()
    assert (delivery.status, delivery.attempts) == ("delivered", ["500", "302", "200"])
    (event,) = client.v1.events.list().data
    assert event.pending_webhooks == 0


def test_a_receiver_that_never_takes_it_is_given_up(
    client: stripe.StripeClient, sandbox: RunningStripe, receiver: Receiver
) -> None:
    receiver.statuses = [500] * 5
    client.v1.customers.create()
    sandbox.deliveries.wait()
    (delivery,) = sandbox.deliveries.all()
    assert (delivery.status, len(delivery.attempts)) == ("failed", 5)


def test_deliveries_are_held_reordered_dropped_and_duplicated(
    client: stripe.StripeClient, sandbox: RunningStripe, receiver: Receiver
) -> None:
    sandbox.deliveries.hold()
    names = [client.v1.customers.create().id for _ in range(4)]
    held = sandbox.deliveries.held()
    assert len(held) == 4
    assert receiver.came == []
    sandbox.deliveries.drop(held[1])
    sandbox.deliveries.duplicate(held[0], times=2)
    sandbox.deliveries.reverse()
    sandbox.deliveries.release()
    sandbox.deliveries.wait()
    came = [event["data"]["object"]["id"] for event in receiver.events]
    assert came == [names[0], names[0], names[3], names[2], names[0]]


def test_one_delivery_can_go_before_the_others(
    client: stripe.StripeClient, sandbox: RunningStripe, receiver: Receiver
) -> None:
    sandbox.deliveries.hold()
    names = [client.v1.customers.create().id for _ in range(3)]
    sandbox.deliveries.release(sandbox.deliveries.held()[2])
    sandbox.deliveries.wait()
    assert [event["data"]["object"]["id"] for event in receiver.events] == [names[2]]
    assert len(sandbox.deliveries.held()) == 2


def test_the_same_seed_shuffles_the_same_way(
    client: stripe.StripeClient, sandbox: RunningStripe
) -> None:
    sandbox.deliveries.hold()
    for _ in range(8):
        client.v1.customers.create()
    orders = []
    for _ in range(2):
        before = [each.number for each in sandbox.deliveries.held()]
        sandbox.deliveries.shuffle("seed")
        after = [each.number for each in sandbox.deliveries.held()]
        orders.append([before.index(number) for number in after])
    assert orders[0] == orders[1] != sorted(orders[0])


def test_a_test_decides_the_fate_of_each_delivery(
    client: stripe.StripeClient, sandbox: RunningStripe, receiver: Receiver
) -> None:
    def fate(delivery: Delivery) -> None:
        if delivery.number % 2:
            delivery.status = "dropped"

    sandbox.deliveries.set_fate(fate)
    for _ in range(4):
        client.v1.customers.create()
    sandbox.deliveries.wait()
    assert len(receiver.came) == 2


def test_an_endpoint_gets_what_it_asked_for(
    client: stripe.StripeClient, sandbox: RunningStripe, receiver: Receiver
) -> None:
    for endpoint in client.v1.webhook_endpoints.list().data:
        client.v1.webhook_endpoints.delete(endpoint.id)
    made = client.v1.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": ["product.created"]}
    )
    assert made.secret is not None
    assert client.v1.webhook_endpoints.retrieve(made.id).to_dict().get("secret") is None
    client.v1.customers.create()
    client.v1.products.create({"name": "Pro"})
    sandbox.deliveries.wait()
    assert receiver.types == ["product.created"]
    body, signature = receiver.came[0]
    assert stripe.WebhookSignature.verify_header(body.decode(), signature, made.secret)
    client.v1.webhook_endpoints.update(made.id, {"disabled": True})
    client.v1.products.create({"name": "Pro"})
    sandbox.deliveries.wait()
    assert len(receiver.came) == 1


def test_an_update_tells_what_was_there_before(
    client: stripe.StripeClient, sandbox: RunningStripe
) -> None:
    customer = client.v1.customers.create({"name": "Ann"})
    client.v1.customers.update(customer.id, {"name": "Bob"})
    client.v1.customers.update(customer.id, {"name": "Bob"})
    (event,) = client.v1.events.list({"type": "customer.updated"}).data
    assert event.data.previous_attributes is not None
    assert event.data.previous_attributes.to_dict() == {"name": "Ann"}
    assert client.v1.events.retrieve(event.id).data.object["name"] == "Bob"


def test_events_can_be_listed_by_type(shop: Shop) -> None:
    shop.subscribe()
    found = shop.client.v1.events.list({"types": ["invoice.paid", "charge.succeeded"]})
    assert {event.type for event in found.data} == {"invoice.paid", "charge.succeeded"}
    assert json.loads(str(found.data[0]))["object"] == "event"


def test_what_did_not_arrive_is_delivered_by_the_next_run(tmp_path: Path) -> None:
    """As when the development runner ends while the product is down."""
    file = tmp_path / "stripe.json"

    async def run_and_stop() -> None:
        stripe = Stripe(World(), file=file)
        stripe.listen_at("http://127.0.0.1:9/webhooks/stripe")
        create_customer(stripe.world, Params({"email": "ann@example.com"}))
        arrived = stripe.deliveries.send(stripe.world.all("event")[0], "we_1")
        arrived.status = "delivered"
        stripe.save()

    async def run_again() -> list[tuple[str, str]]:
        stripe = Stripe(World(), file=file)
        return [(each.event["type"], each.status) for each in stripe.deliveries.all]

    asyncio.run(run_and_stop())
    assert asyncio.run(run_again()) == [("customer.created", "waiting")]
