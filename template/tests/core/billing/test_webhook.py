"""Only what Stripe signed, for us, now, is believed; and of that only the names."""

import json
import time
from typing import Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from core.billing.events import HANDLED, BadEvent, Subject, read
from core.billing.webhook import verified
from core.webhooks.body import Refused

SECRET = "whsec_test"
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "type": "invoice.paid",
    "created": 1_800_000_000,
    "livemode": False,
    "data": {
        "object": {
            "id": "in_1",
            "object": "invoice",
            "customer": "cus_1",
            "parent": {"subscription_details": {"subscription": "sub_1"}},
        }
    },
}


def signed(body: bytes, secret: str = SECRET, at: int | None = None) -> str:
    header: str = stripe.WebhookSignature.generate_signature_header(
        body.decode(), secret, timestamp=at or int(time.time())
    )
    return header


def test_an_event_is_read_from_a_signed_body() -> None:
    body = json.dumps(EVENT).encode()
    event, said = verified(body, signed(body), [SECRET], livemode=False)
    assert said.text == body.decode()
    assert (event.id, event.subject) == ("evt_1", Subject.INVOICE)
    assert (event.object_id, event.customer_id, event.subscription_id) == (
        "in_1",
        "cus_1",
        "sub_1",
    )


@pytest.mark.parametrize("seconds", [-290, 290])
def test_clocks_may_differ_and_each_secret_will_do(seconds: int) -> None:
    body = json.dumps(EVENT).encode()
    signature = signed(body, at=int(time.time()) + seconds)
    for secrets in ([SECRET, "whsec_next"], ["whsec_next", "", SECRET]):
        assert verified(body, signature, secrets, livemode=False)[0].id == "evt_1"


def refusals() -> list[Any]:
    body = json.dumps(EVENT).encode()
    other = json.dumps({**EVENT, "id": "evt_2"}).encode()
    live = json.dumps({**EVENT, "livemode": True}).encode()
    now = int(time.time())
    bad_text = b"\xff\xfe"
    return [
        pytest.param(body, "", SECRET, id="empty signature"),
        pytest.param(body, "nonsense", SECRET, id="nonsense"),
        pytest.param(body, "t=,v1=", SECRET, id="empty parts"),
        pytest.param(body, f"t={now}", SECRET, id="no v1"),
        pytest.param(body, f"t={int(time.time())},v1=\xe9", SECRET, id="no ASCII"),
        pytest.param(body, signed(body, "whsec_other"), SECRET, id="wrong secret"),
        pytest.param(body, signed(body, ""), "", id="no secret set"),
        pytest.param(body, signed(body, at=now - 400), SECRET, id="old"),
        pytest.param(body, signed(body, at=now + 4000), SECRET, id="signed for later"),
        pytest.param(other, signed(body), SECRET, id="other body"),
        pytest.param(live, signed(live), SECRET, id="other mode"),
        pytest.param(bad_text, signed(body), SECRET, id="no text"),
        pytest.param(b"", signed(b""), SECRET, id="empty"),
        pytest.param(b"[]", signed(b"[]"), SECRET, id="a list"),
        pytest.param(b"{", signed(b"{"), SECRET, id="no JSON"),
        pytest.param(b"[" * 99_999, signed(b"[" * 99_999), SECRET, id="deep"),
    ]


@pytest.mark.parametrize(("body", "signature", "secret"), refusals())
def test_anything_else_is_refused(body: bytes, signature: str, secret: str) -> None:
    with pytest.raises(Refused):
        verified(body, signature, [secret], livemode=False)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["id", "object", "type", "created", "livemode", "data", "customer"]
                ),
                inner,
            )
        ),
    )
)
def test_whatever_was_signed_is_an_event_or_is_not(payload: object) -> None:
    try:
        read(payload)
    except BadEvent:
        return
    assert isinstance(payload, dict)


@pytest.mark.parametrize("name", ["id", "object", "type", "created", "livemode", "data"])
def test_an_event_lacks_nothing(name: str) -> None:
    with pytest.raises(BadEvent):
        read({key: value for key, value in EVENT.items() if key != name})


def test_unknown_types_are_events_without_a_subject() -> None:
    assert read({**EVENT, "type": "moon.landed"}).subject is None


@pytest.mark.parametrize(
    ("stored", "customer", "subscription"),
    [
        ({"object": "customer", "id": "cus_1"}, "cus_1", None),
        ({"object": "subscription", "id": "sub_1", "customer": "cus_1"}, "cus_1", "sub_1"),
        ({"object": "subscription", "id": "sub_1", "customer": {"id": "cus_1"}}, "cus_1", "sub_1"),
        ({"object": "checkout.session", "id": "cs_1", "subscription": "sub_1"}, None, "sub_1"),
        ({"object": "charge", "id": "ch_1", "customer": None}, None, None),
        ({"object": "invoice", "id": 7, "parent": None, "customer": 7}, None, None),
    ],
)
def test_names_are_found_wherever_they_stand(
    stored: dict[str, Any], customer: str | None, subscription: str | None
) -> None:
    event = read({**EVENT, "data": {"object": stored}})
    assert (event.customer_id, event.subscription_id) == (customer, subscription)


def test_every_type_that_is_handled_is_one_of_stripes() -> None:
    (kinds,) = [hint for name, hint in stripe.Event.__annotations__.items() if name == "type"]
    assert set(HANDLED) <= set(kinds.__args__)
