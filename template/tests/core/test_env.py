"""A missing or bad variable stops the start with a message that names it."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.env import Settings, explain

ROOT = Path(__file__).parents[2]
GOOD: dict[str, Any] = {
    "environment": "production",
    "secret_key": "k" * 40,
    "database_url": "postgresql://user:pass@db.example.com/name",
    "redis_url": "redis://valkey.example.com:6379/0",
    "smtp_url": "smtp+starttls://user:p%40ss@mail.example.com",
    "origin": "https://app.example.com",
}


def settings(**changes: Any) -> Settings:
    """Settings from these values alone: no file is read."""
    return Settings(_env_file=None, **{**GOOD, **changes})


@pytest.mark.parametrize("missing", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "SMTP_URL"])
def test_a_process_without_a_variable_stops_and_names_it(missing: str, tmp_path: Path) -> None:
    present = {name.upper(): value for name, value in GOOD.items() if name.upper() != missing}
    result = subprocess.run(
        [sys.executable, "-c", "from core.env import get_settings; get_settings()"],
        cwd=tmp_path,
        env={**present, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert f"{missing}: Field required" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("environment", "staging"),
        ("secret_key", "short"),
        ("database_url", "mysql://db/name"),
        ("database_url", "postgresql://db-without-a-name"),
        ("redis_url", "http://valkey"),
        ("smtp_url", "mail.example.com:25"),
        ("origin", "https://app.example.com/path"),
        ("origin", "http://app.example.com"),
        ("trusted_proxy_count", "-1"),
        ("webhooks_allow_local", "true"),
        ("log_level", "LOUD"),
        ("password_time_cost", "0"),
    ],
)
def test_a_bad_value_is_refused_by_name_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**{name: value})
    message = explain(caught.value)
    assert f"{name.upper()}: " in message
    assert "kkkk" not in message
    if name == "secret_key":
        assert "short" not in message


@pytest.mark.parametrize(("environment", "level"), [("test", "INFO"), ("development", "ERROR")])
def test_tests_do_not_depend_on_the_env_file(environment: str, level: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=ERROR\n")
    variables = {name.upper(): value for name, value in GOOD.items()}
    result = subprocess.run(
        [sys.executable, "-c", "from core.env import *; print(get_settings().log_level)"],
        cwd=tmp_path,
        env={**variables, "ENVIRONMENT": environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == level


def test_every_variable_is_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    named = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    # The runner makes DEMO_PASSWORD; nobody sets it.
    assert named == {name.upper() for name in Settings.model_fields} - {"DEMO_PASSWORD"}


@pytest.mark.parametrize(
    ("url", "host", "port", "encryption"),
    [
        ("smtp://localhost", "localhost", 25, "none"),
        ("smtp://localhost:1025", "localhost", 1025, "none"),
        ("smtp+starttls://mail.example.com", "mail.example.com", 587, "starttls"),
        ("smtps://mail.example.com", "mail.example.com", 465, "tls"),
    ],
)
def test_the_mail_server_is_read_from_its_url(
    url: str, host: str, port: int, encryption: str
) -> None:
    smtp = settings(smtp_url=url).smtp
    assert (smtp.host, smtp.port, smtp.encryption) == (host, port, encryption)


def test_credentials_of_the_mail_server_are_decoded_and_not_shown() -> None:
    smtp = settings().smtp
    assert (smtp.username, smtp.password) == ("user", "p@ss")
    assert "p@ss" not in repr(smtp)


def test_former_keys_are_separated_by_commas() -> None:
    keys = settings(secret_key_fallbacks="one,two").secret_key_fallbacks
    assert [key.get_secret_value() for key in keys] == ["one", "two"]


def test_production_answers_to_its_own_host_alone() -> None:
    assert settings().allowed_hosts == ["app.example.com"]
