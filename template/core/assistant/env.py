"""The environment variables of the assistant."""

from typing import Self

from pydantic import BaseModel, Field, SecretStr, model_validator


class AssistantSettings(BaseModel):
    """Without an address nobody is answered; `just dev` leads to the sandbox instead."""

    # The base of an OpenAI-compatible API; `/chat/completions` is below it.
    assistant_url: str = Field(default="", pattern=r"^(https?://[^/?#@\s]+(/[^?#\s]*)?)?$")
    assistant_key: SecretStr = SecretStr("")
    assistant_model: str = ""
    assistant_first_token_seconds: float = Field(default=20, gt=0)
    assistant_next_token_seconds: float = Field(default=20, gt=0)
    # Of one answer.
    assistant_most_tokens: int = Field(default=2048, ge=1)
    assistant_longest_seconds: float = Field(default=600, gt=0)
    # Of a team at once, and in a month (0: no limit), where no plan says otherwise.
    assistant_streams: int = Field(default=4, ge=1)
    assistant_tokens: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _whole_assistant(self) -> Self:
        if self.assistant_url and not self.assistant_model:
            raise ValueError("ASSISTANT_MODEL: is needed with ASSISTANT_URL")
        key = self.assistant_key.get_secret_value()
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise ValueError("ASSISTANT_KEY: holds a space or a letter that no key has")
        return self
