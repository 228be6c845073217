"""Only what a source signed, now, is believed; each of its secrets will do."""

import base64
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from core.webhooks.body import Refused
from core.webhooks.github import github_style
from core.webhooks.ledger import Incoming
from core.webhooks.sources import NotSetUp
from core.webhooks.standard import standard_webhooks
from tests.core.webhooks.sending import (
    ACME,
    BOTH,
    HUB,
    NEW,
    OLD,
    OTHER,
    Delivery,
    body_of,
    delivery,
    give_secrets,
    ignore,
)

# GitHub's own example: its documentation of the validation of deliveries.
EXAMPLE = ("It's a Secret to Everybody", b"Hello, World!")
EXAMPLE_SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
HEADERS = {
    "acme": ("webhook-id", "webhook-timestamp", "webhook-signature"),
    "hub": ("X-Hub-Signature-256", "X-GitHub-Delivery", "X-GitHub-Event"),
}
# What servers hand on of a header.
VALUES = st.binary(max_size=90).map(lambda value: value.decode("latin-1"))
TEXTS = st.text("aZ 9\0\ud800\xe9\N{GRINNING FACE}", max_size=300)
SIGNED = {"acme": HEADERS["acme"], "hub": HEADERS["hub"][:1]}


@pytest.fixture(autouse=True, scope="module")
def secrets() -> Iterator[None]:
    """Each source has a new secret, and still the old one."""
    with pytest.MonkeyPatch.context() as patch:
        give_secrets(patch, acme=(NEW, OLD), hub=(NEW, OLD))
        yield


def at(moment: float, *, secret: str = NEW) -> Delivery:
    """A delivery of Acme's that was signed at another time."""
    seconds, sent = int(moment), delivery(ACME)
    stamp = datetime.fromtimestamp(seconds, UTC)
    signature = Webhook(secret).sign(sent.headers["webhook-id"], stamp, sent.body.decode())
    return sent.changed(webhook_timestamp=str(seconds), webhook_signature=signature)


def test_an_event_is_read_from_what_was_signed() -> None:
    event = delivery(ACME).verify()
    assert (event.source, event.type, event.object_id) == ("acme", "order.paid", "ord_1")
    assert event.event_id.startswith("msg_")
    assert abs(event.created_at.timestamp() - time.time()) < 5
    event = delivery(HUB).verify()
    assert (event.source, event.type, event.object_id) == ("hub", "order.paid", "")
    assert event.body.text == body_of().decode()


def test_github_s_own_example_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    secret, body = EXAMPLE
    give_secrets(monkeypatch, hub=(secret,))
    assert HUB.sign
    assert HUB.sign(secret, body, "")["X-Hub-Signature-256"] == EXAMPLE_SIGNATURE
    with pytest.raises(Refused, match="no JSON"):
        HUB.verify(body, {"X-Hub-Signature-256": EXAMPLE_SIGNATURE})


@pytest.mark.parametrize("source", BOTH, ids=lambda source: source.name)
@pytest.mark.parametrize("secret", [NEW, OLD])
def test_each_secret_of_a_rotation_will_do(source: Any, secret: str) -> None:
    assert delivery(source, secret=secret).verify()
    with pytest.raises(Refused):
        delivery(source, secret=OTHER).verify()


def test_one_signature_of_many_will_do() -> None:
    sent = delivery(ACME)
    wrong = delivery(ACME, secret=OTHER).headers["webhook-signature"]
    right = sent.headers["webhook-signature"]
    assert sent.changed(webhook_signature=f"v1a,c2ln {wrong} {right}").verify()
    for many in (wrong, f"{wrong} {wrong}", right.replace("v1,", "v2,"), " ".join([right] * 99)):
        with pytest.raises(Refused):
            sent.changed(webhook_signature=many).verify()


@pytest.mark.parametrize(("seconds", "believed"), [(290, True), (310, False)])
@pytest.mark.parametrize("direction", [-1, 1])
def test_clocks_may_differ_by_five_minutes(seconds: int, direction: int, believed: bool) -> None:
    sent = at(time.time() + direction * seconds)
    if believed:
        assert sent.verify()
        return
    with pytest.raises(Refused):
        sent.verify()


@given(data=st.data())
@pytest.mark.parametrize("source", BOTH, ids=lambda source: source.name)
def test_whoever_changes_what_was_signed_is_refused(source: Any, data: st.DataObject) -> None:
    sent = delivery(source)
    part = data.draw(st.sampled_from(("body", *SIGNED[source.name])))
    if part == "body":
        body = data.draw(st.binary(max_size=60) | changes_of(sent.body))
        changed = Delivery(source, body, sent.headers)
        if body == sent.body:
            return
    else:
        former = sent.headers[part]
        value = data.draw(
            VALUES | changes_of(former.encode()).map(lambda each: each.decode("latin-1"))
        )
        changed = sent.changed(**{part: value})
        if same(part, value, former):
            return
    with pytest.raises(Refused):
        changed.verify()


def changes_of(value: bytes) -> st.SearchStrategy[bytes]:
    """The same with a byte that is another one, is missing or is new."""
    places = st.integers(0, len(value) - 1)
    return st.one_of(
        st.builds(
            lambda at, new: value[:at] + new + value[at + 1 :], places, st.binary(max_size=1)
        ),
        st.builds(lambda at, new: value[:at] + new + value[at:], places, st.binary(max_size=2)),
    )


def same(part: str, value: str, former: str) -> bool:
    """Whether two headers say the same: the library reads signatures as leniently as base64 is."""
    if part != "webhook-signature":
        return value == former
    return any(decoded(each) == decoded(former) for each in value.split(" "))


def decoded(signature: str) -> tuple[str, bytes] | str:
    version, _, value = signature.partition(",")
    try:
        return version, base64.b64decode(value)
    except ValueError:
        return signature


@given(
    body=st.binary(max_size=30) | st.just(body_of()),
    values=st.lists(VALUES, min_size=3, max_size=3),
    present=st.sets(st.integers(0, 2)),
)
@pytest.mark.parametrize("source", BOTH, ids=lambda source: source.name)
def test_whatever_comes_is_refused_and_no_failure(
    source: Any, body: bytes, values: list[str], present: set[int]
) -> None:
    names = HEADERS[source.name]
    with pytest.raises(Refused):
        source.verify(body, {names[each]: values[each] for each in present})


@pytest.mark.parametrize("source", BOTH, ids=lambda source: source.name)
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 5000, '{"a": 1}'.encode("utf-16")],
    ids=["empty", "no JSON", "no text", "deep", "a long number", "UTF-16"],
)
def test_a_signed_body_that_is_no_json_is_refused(source: Any, body: bytes) -> None:
    if source is ACME and (b"\xff" in body or b"\0" in body):
        pytest.skip("its signature is of a text")
    with pytest.raises(Refused):
        delivery(source, body).verify()


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"7"])
def test_a_standard_event_is_an_object(body: bytes) -> None:
    with pytest.raises(Refused):
        delivery(ACME, body).verify()
    assert delivery(HUB, body).verify()


@given(
    kind=st.none() | st.integers() | TEXTS,
    about=st.none() | TEXTS | st.lists(st.none()) | st.fixed_dictionaries({"id": TEXTS}),
)
def test_whatever_an_event_says_can_be_stored(kind: Any, about: Any) -> None:
    stored = delivery(ACME, body_of(type=kind, data=about)).verify().parameters
    assert len(stored["type"]) <= 255
    assert isinstance(stored["object_id"], str)


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_an_event_without_a_usable_id_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        delivery(HUB).changed(X_GitHub_Delivery=name).verify()


def test_other_senders_differ_in_names_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    give_secrets(monkeypatch, shop=(NEW,), clerk=(NEW,))
    shop = github_style(
        "shop",
        ignore,
        signature="X-Shop-Hmac-Sha256",
        delivery="X-Shop-Id",
        event="X-Shop-Topic",
        prefix="",
        encoding="base64",
    )
    clerk = standard_webhooks("clerk", ignore, prefix="svix")
    for source, header in ((shop, "X-Shop-Hmac-Sha256"), (clerk, "svix-signature")):
        sent = delivery(source)
        assert isinstance(sent.verify(), Incoming)
        with pytest.raises(Refused):
            sent.changed(**{header: "AAAA"}).verify()


@pytest.mark.parametrize("secrets", [{}, {"acme": (), "hub": ()}])
def test_without_a_secret_nobody_is_believed(
    monkeypatch: pytest.MonkeyPatch, secrets: dict[str, Any]
) -> None:
    give_secrets(monkeypatch, **secrets)
    for source in BOTH:
        with pytest.raises(NotSetUp, match=source.name):
            delivery(source).verify()


def test_a_secret_that_is_none_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = delivery(ACME)
    for secret in ("whsec_", "whsec_a", "a"):
        give_secrets(monkeypatch, acme=(secret,))
        with pytest.raises(NotSetUp) as caught:
            sent.verify()
        assert str(caught.value) == "WEBHOOK_SECRETS: a secret of acme is no base64"
