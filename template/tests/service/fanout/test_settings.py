"""`UPSTREAMS` names who may be called; what it cannot mean stops the start."""

from collections.abc import Callable

import pytest

from core.env import BadEnvironment, get_settings


def test_it_names_each_with_an_address(environment: Callable[..., None]) -> None:
    environment(UPSTREAMS="news=https://news.example, my-maps = http://10.0.0.7:8080/v2")
    assert get_settings().upstreams == {
        "news": "https://news.example",
        "my-maps": "http://10.0.0.7:8080/v2",
    }
    environment(UPSTREAMS="")
    assert get_settings().upstreams == {}


@pytest.mark.parametrize(
    "value",
    [
        "https://news.example",
        "news",
        "News=https://news.example",
        "news=ftp://news.example",
        "news=https://user:secret-word@news.example",
        "news=https://news.example/?key=secret-word",
        "news=https:///path",
    ],
)
def test_what_is_no_address_stops_the_start(environment: Callable[..., None], value: str) -> None:
    environment(UPSTREAMS=value)
    with pytest.raises(BadEnvironment, match="UPSTREAMS: ") as raised:
        get_settings()
    assert "secret-word" not in str(raised.value)
