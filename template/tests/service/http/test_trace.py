"""A caller's trace goes on; what is no trace goes nowhere."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.logs import bind_request_id, clear_request_id
from service.http.trace import bind_traceparent, child_traceparent

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
VALID = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]")


@pytest.fixture(autouse=True)
def _unbound() -> Iterator[None]:
    yield
    clear_request_id()


def child() -> str:
    header, call_id = child_traceparent()
    assert VALID.fullmatch(header)
    assert header.split("-")[2] == call_id
    return header


@pytest.mark.parametrize(("flags", "kept"), [("01", "01"), ("00", "00"), ("ff", "01")])
def test_the_trace_of_the_caller_goes_on(flags: str, kept: str) -> None:
    bind_traceparent(f"00-{TRACE}-{PARENT}-{flags}")
    first, second = child(), child()
    assert first.startswith(f"00-{TRACE}-")
    assert first.endswith(f"-{kept}")
    assert PARENT not in first
    assert first != second


@pytest.mark.parametrize("request_id", ["0123456789abcdef0123456789abcdef", "abcd-1234", "0" * 32])
def test_without_one_all_calls_of_a_request_are_one_trace(request_id: str) -> None:
    bind_request_id(request_id)
    traces = {child().split("-")[1] for _ in range(3)}
    assert len(traces) == 1
    assert (traces == {request_id}) == (request_id.startswith("0123"))


@given(value=st.none() | st.text(max_size=200))
def test_no_text_of_a_stranger_is_passed_on(value: str | None) -> None:
    clear_request_id()
    bind_traceparent(value)
    child()


@pytest.mark.parametrize(
    "value",
    [
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01\n",
        f"00-{TRACE}-{PARENT}-01-{'x' * 200}",
    ],
)
def test_what_is_no_trace_is_not_gone_on_with(value: str) -> None:
    bind_traceparent(value)
    assert TRACE not in child().lower()
