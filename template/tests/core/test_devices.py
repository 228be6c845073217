"""People recognize their devices, and no header does harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.devices import describe_device

MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
         "Firefox on Windows"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Chrome/140.0 Safari/537.36",
         "Chrome on Mac"),
        (f"{MOZILLA} (Windows NT 10.0) {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0",
         "Edge on Windows"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) {WEBKIT} Version/18.0 Safari/604.1",
         "Safari on iPhone"),
        (f"{MOZILLA} (Linux; Android 15; Pixel 9) {WEBKIT} Chrome/140.0 Mobile Safari/537.36",
         "Chrome on Android"),
        ("curl/8.5.0", "Curl"),
        ("python-httpx/0.28.1", "A Python program"),
        (f"{MOZILLA} (iPad)", "iPad"),
        ("", "Unknown device"),
    ],
)  # fmt: skip
def test_a_device_is_named_as_its_owner_would(user_agent: str, words: str) -> None:
    assert describe_device(user_agent) == words


@given(st.text())
def test_any_header_has_words_that_are_ours(user_agent: str) -> None:
    words = describe_device(user_agent)
    assert words
    assert words.isascii()
