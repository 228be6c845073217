"""With production settings the project is ready for production."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def manage(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command with production settings, out of reach of the .env of development."""
    production = {
        "ENVIRONMENT": "production",
        "ORIGIN": "https://app.example.com",
        "TRUSTED_PROXY_COUNT": "1",
    }
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", *command],
        cwd=ROOT / "tests",
        env={**os.environ, **production, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


def test_djangos_deployment_check_finds_nothing() -> None:
    result = manage("check", "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr


def test_cookies_are_secure_and_pages_need_https() -> None:
    names = ("DEBUG", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
    script = f"from django.conf import settings; print([getattr(settings, n) for n in {names}])"
    assert manage("shell", "--no-imports", "-c", script).stdout.strip() == str(
        [False, True, True, True]
    )


def test_demo_users_are_refused_in_production() -> None:
    result = manage("demo", DEMO_PASSWORD="correct horse battery")
    assert result.returncode == 1
    assert "no place in production" in result.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", "DATABASE_URL"])
def test_a_command_without_a_variable_names_it(missing: str) -> None:
    result = manage("check", **{missing: ""})
    assert result.returncode == 1
    assert f"{missing}: Field required" in result.stderr
    assert "Traceback" not in result.stderr
