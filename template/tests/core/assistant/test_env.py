"""The assistant's variables are refused by name when they make no sense."""

from typing import Any

import pytest
from pydantic import ValidationError

from core.assistant.env import AssistantSettings

GOOD: dict[str, Any] = {
    "assistant_url": "https://api.example.com/v1",
    "assistant_key": "sk-some-key",
    "assistant_model": "small",
}


def test_without_an_address_nothing_else_is_needed() -> None:
    assert AssistantSettings().assistant_url == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("assistant_url", "api.example.com/v1"),
        ("assistant_url", "https://user:password@api.example.com/v1"),
        ("assistant_url", "https://api.example.com/v1?key=1"),
        ("assistant_key", "sk-some key"),
        ("assistant_key", "sk-some-key\n"),
        ("assistant_model", ""),
        ("assistant_first_token_seconds", "0"),
        ("assistant_streams", "0"),
        ("assistant_tokens", "-1"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(name: str, value: str) -> None:
    AssistantSettings(**GOOD)
    with pytest.raises(ValidationError) as caught:
        AssistantSettings(**{**GOOD, name: value})
    (problem,) = caught.value.errors(include_url=False)
    assert name in (".".join(map(str, problem["loc"])) or problem["msg"].lower())
    assert "some" not in problem["msg"]
