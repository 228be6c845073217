"""One variable holds the secrets of all sources."""

import pytest
from pydantic import ValidationError

from core.env import explain
from tests.core.test_env import settings


def test_a_source_may_have_several_secrets() -> None:
    known = settings(webhook_secrets="hub=new=, acme = whsec_a==,hub=old").webhook_secrets
    said = {name: [each.get_secret_value() for each in known[name]] for name in known}
    assert said == {"hub": ["new=", "old"], "acme": ["whsec_a=="]}
    assert settings().webhook_secrets == {}


@pytest.mark.parametrize(
    "value", ["sesame", "hub=", "=sesame", "hub=sesame,", ",", "hub=a,Sesame=b"]
)
def test_what_names_no_secret_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(webhook_secrets=value)
    assert "WEBHOOK_SECRETS: is name=secret of each source" in explain(caught.value)
    assert "commas, which no secret can hold" in explain(caught.value)
    assert "sesame" not in explain(caught.value).lower()
