"""The environment variable of webhooks."""

import re
from typing import Annotated

from pydantic import BaseModel, SecretStr, field_validator
from pydantic_settings import NoDecode

# What a source may be called.
NAME = re.compile(r"[a-z0-9-]{1,32}")


class WebhookSettings(BaseModel):
    """Mixed into the settings."""

    # Of each source the secrets that it may sign with: two, while one takes the other's place.
    webhook_secrets: Annotated[dict[str, tuple[SecretStr, ...]], NoDecode] = {}

    @field_validator("webhook_secrets", mode="before")
    @classmethod
    def _split_secrets(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        secrets: dict[str, tuple[str, ...]] = {}
        for pair in value.split(","):
            name, _, secret = (part.strip() for part in pair.partition("="))
            if not NAME.fullmatch(name) or not secret:
                raise ValueError(
                    "is name=secret of each source, separated by commas, which no secret can hold"
                )
            secrets[name] = (*secrets.get(name, ()), secret)
        return secrets
