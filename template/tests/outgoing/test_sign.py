"""Signatures are those of Standard Webhooks."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.outgoing.endpoints import new_secret
from core.outgoing.sign import signature, signed_headers


def test_the_example_of_the_specification() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == expected


@given(st.binary(max_size=200), st.binary(min_size=24, max_size=64), st.integers(0, 2**40))
def test_a_signature_is_what_the_secret_makes_of_all_three(
    body: bytes, key: bytes, moment: int
) -> None:
    secret = f"whsec_{base64.b64encode(key).decode()}"
    expected = hmac.new(key, f"msg_1.{moment}.".encode() + body, hashlib.sha256).digest()
    made = signature(secret, "msg_1", moment, body)
    assert base64.b64decode(made.removeprefix("v1,")) == expected


def test_each_secret_signs() -> None:
    new, former = new_secret(), new_secret()
    headers = signed_headers([new, former], "msg_1", 5, b"{}")
    assert headers["webhook-signature"].split() == [
        signature(new, "msg_1", 5, b"{}"),
        signature(former, "msg_1", 5, b"{}"),
    ]


def test_a_secret_that_is_none_signs_nothing() -> None:
    with pytest.raises(ValueError, match="base64"):
        signature("whsec_?", "msg_1", 5, b"{}")
