"""The receiver shows what came and whether its signature fits, and answers as it is set to."""

from collections.abc import Iterator

import httpx
import pytest

from core.outgoing.client import MOST_BODY, Client, Failed
from core.outgoing.endpoints import new_secret
from core.outgoing.sign import signed_headers
from sandbox.receiver import pages
from sandbox.receiver.inbox import Behaviour, judge
from sandbox.receiver.thread import RunningReceiver, receiver_in_thread

BODY = b'{"type": "webhook.test", "data": {"message": "<b>"}}'
NOW = 1_800_000_000


@pytest.fixture
def receiver() -> Iterator[RunningReceiver]:
    with receiver_in_thread() as receiver:
        yield receiver


@pytest.fixture
def person(receiver: RunningReceiver) -> Iterator[httpx.Client]:
    """Somebody with the page open."""
    origin = receiver.origin
    with httpx.Client(base_url=origin, headers={"Origin": origin}) as client:
        yield client


def test_a_person_sees_what_came(receiver: RunningReceiver, person: httpx.Client) -> None:
    assert receiver.address in person.get(pages.PATH).text
    assert "Nothing yet." in person.get(pages.PATH).text
    secret = new_secret()
    form = {"behaviour": Behaviour.TAKES.value, "seconds": "0", "secrets": secret}
    assert person.post(pages.PATH, data=form).headers["Location"] == pages.PATH
    client = Client(allow_local=True)
    headers = signed_headers([new_secret()], "msg_1", NOW, BODY)
    assert client.post(receiver.address, headers, BODY).body == "ok"
    page = person.get(pages.PATH).text
    assert "too old" in page
    assert "msg_1" in page
    assert "&lt;b&gt;" in page
    client.post(receiver.address, headers, BODY)
    assert "came 2 times" in person.get(pages.PATH).text
    person.post(f"{pages.PATH}/forget")
    assert "Nothing yet." in person.get(pages.PATH).text


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        (Behaviour.TAKES, 200),
        (Behaviour.FAILS, 500),
        (Behaviour.GONE, 410),
        (Behaviour.REDIRECTS, 302),
        (Behaviour.DRIPS, 200),
        (Behaviour.HUGE, 200),
        (Behaviour.HANGS, None),
    ],
)
def test_it_answers_as_it_is_set_to(
    receiver: RunningReceiver, behaviour: Behaviour, status: int | None
) -> None:
    receiver.inbox.behaviour = behaviour
    client = Client(allow_local=True, total=0.5)
    if status is None:
        with pytest.raises(Failed):
            client.post(receiver.address, {}, BODY)
    else:
        answer = client.post(receiver.address, {}, BODY)
        assert answer.status == status
        assert len(answer.body) <= MOST_BODY
    assert receiver.inbox.received[0].body == BODY.decode()


@pytest.mark.parametrize(
    "form",
    [
        {"behaviour": "explodes", "seconds": "1"},
        {"behaviour": Behaviour.FAILS.value, "seconds": "61"},
        {"behaviour": Behaviour.FAILS.value, "seconds": "soon"},
    ],
)
def test_what_no_receiver_does_cannot_be_set(
    receiver: RunningReceiver, person: httpx.Client, form: dict[str, str]
) -> None:
    assert person.post(pages.PATH, data=form).status_code == 400
    assert receiver.inbox.behaviour is Behaviour.TAKES


def test_pages_of_elsewhere_set_and_send_nothing(receiver: RunningReceiver) -> None:
    for path in (pages.PATH, pages.ADDRESS):
        answer = httpx.post(receiver.origin + path, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403
    assert not receiver.inbox.received


def test_how_a_signature_is_judged() -> None:
    secret, former = new_secret(), new_secret()
    headers = signed_headers([secret, former], "msg_1", NOW, BODY)
    assert judge([secret], headers, BODY, NOW) == "The signature fits."
    assert judge([new_secret(), former], headers, BODY, NOW) == "The signature of secret 2 fits."
    assert judge([new_secret()], headers, BODY, NOW) == "The signature does not fit."
    assert judge([secret], headers, BODY + b" ", NOW) == "The signature does not fit."
    assert judge([secret], headers, BODY, NOW + 301).startswith("The signature is too old")
    assert judge([], headers, BODY, NOW).startswith("It is signed")
    odd = {**headers, "webhook-signature": "v1,é"}
    assert judge([secret], odd, BODY, NOW) == "The signature does not fit."
    for none in ("whsec_?", "whsec_é"):
        assert judge([none], headers, BODY, NOW).startswith("This secret is none")
    assert judge([secret], {}, BODY, NOW) == "It is not signed."
