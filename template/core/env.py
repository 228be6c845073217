"""The one configuration: environment variables, typed and checked when a process starts.

Looked up in this order: the process's environment, `.env`, and `.local/servers.env`, where the
development runner writes the addresses of the servers it started.
"""

import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.product.env import ProductSettings
from core.project import project

# The later one wins; the process's environment goes before both.
ENV_FILES = (".local/servers.env", ".env")

# URL scheme: how the connection is encrypted, and the usual port.
SMTP_SCHEMES: dict[str, tuple[Literal["none", "starttls", "tls"], int]] = {
    "smtp": ("none", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}


class BadEnvironment(SystemExit):
    """Ends the process with a message that names every missing or bad variable."""


@dataclass(frozen=True)
class Smtp:
    """Address and credentials of a mail server."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    encryption: Literal["none", "starttls", "tls"]


class Settings(ProductSettings, BaseSettings):
    """What the environment says; `.env.example` explains each variable."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILES,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    environment: Literal["development", "test", "production"] = "production"
    secret_key: SecretStr = Field(min_length=32)
    secret_key_fallbacks: Annotated[list[SecretStr], NoDecode] = []
    database_url: str = Field(pattern=r"^postgres(ql)?://.+/.+")
    redis_url: str = Field(pattern=r"^rediss?://")
    origin: str = Field(default=f"https://{project.domain}", pattern=r"^https?://[^/]+$")
    smtp_url: str = Field(pattern=r"^(smtp|smtps|smtp\+starttls)://[^/]+$")
    mail_from: str = project.author_email
    trusted_proxy_count: int = Field(default=0, ge=0)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    password_memory_kib: int = Field(default=19_456, ge=8)
    password_time_cost: int = Field(default=2, ge=1)
    google_client_id: str = ""
    google_client_secret: SecretStr = SecretStr("")
    github_client_id: str = ""
    github_client_secret: SecretStr = SecretStr("")
    oidc_name: str = "Single sign-on"
    oidc_issuer: str = Field(default="", pattern=r"^(https?://.+)?$")
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    outbox_forgotten_seconds: float = Field(default=30, gt=0)
    demo_password: SecretStr = SecretStr("")

    @field_validator("secret_key_fallbacks", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return value.split(",") if isinstance(value, str) else value

    @model_validator(mode="after")
    def _safe_in_production(self) -> Self:
        if self.is_production and not self.origin.startswith("https://"):
            raise ValueError("ORIGIN: must start with https:// in production")
        return self

    @property
    def is_production(self) -> bool:
        """Whether real people are served: debug pages off, secure cookies, strict transport."""
        return self.environment == "production"

    @property
    def allowed_hosts(self) -> list[str]:
        """The host names that requests may name."""
        local = [] if self.is_production else ["localhost", "127.0.0.1", "[::1]"]
        return [self.host, *local]

    @property
    def host(self) -> str:
        """The host name of the origin, without its port."""
        return urlsplit(self.origin).hostname or ""

    @property
    def smtp(self) -> Smtp:
        """The mail server that `SMTP_URL` names."""
        parts = urlsplit(self.smtp_url)
        encryption, port = SMTP_SCHEMES[parts.scheme]
        return Smtp(
            host=parts.hostname or "localhost",
            port=parts.port or port,
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            encryption=encryption,
        )


def get_settings() -> Settings:
    """The settings of this process, read once.

    Raises `BadEnvironment`, which ends the process, when a variable is missing or bad.
    """
    return _load()


@lru_cache(maxsize=1)
def _load() -> Settings:
    # Tests stand alone: what a developer's files say must not change how they end.
    files = None if os.environ.get("ENVIRONMENT") == "test" else ENV_FILES
    try:
        return Settings(_env_file=files)
    except ValidationError as error:
        raise BadEnvironment(explain(error)) from None


def explain(error: ValidationError) -> str:
    """One line for each variable that is missing or bad, without its value: it may be secret."""
    lines = ["The environment is not complete. Set these in .env or in the environment:"]
    for problem in error.errors(include_url=False, include_input=False):
        # A check of the whole, which belongs to no one variable, names it in its message.
        name = f"{str(problem['loc'][0]).upper()}: " if problem["loc"] else ""
        lines.append(f"  {name}{problem['msg'].removeprefix('Value error, ')}")
    lines.append(".env.example explains each variable; `uv run just dev` makes a .env that works.")
    return "\n".join(lines)
