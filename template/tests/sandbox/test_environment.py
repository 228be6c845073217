"""`.env` is made once, for its owner only."""

from pathlib import Path

import pytest
from dotenv import dotenv_values

from sandbox.environment import former_server, make_dotenv, variable, write_servers


@pytest.fixture(autouse=True)
def _empty_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".local").mkdir()


def test_first_dotenv_is_complete_and_private() -> None:
    assert make_dotenv()
    values = dotenv_values(".env")
    assert values["ENVIRONMENT"] == "development"
    assert len(values["SECRET_KEY"] or "") >= 32
    assert len(values["DEMO_PASSWORD"] or "") >= 12
    assert Path(".env").stat().st_mode & 0o777 == 0o600


def test_secrets_differ_between_projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_dotenv()
    first = dotenv_values(".env")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    make_dotenv()
    second = dotenv_values(".env")
    assert first["SECRET_KEY"] != second["SECRET_KEY"]
    assert first["DEMO_PASSWORD"] != second["DEMO_PASSWORD"]


def test_dotenv_of_the_user_is_never_touched() -> None:
    Path(".env").write_text("SECRET_KEY=mine\n")
    assert not make_dotenv()
    assert Path(".env").read_text() == "SECRET_KEY=mine\n"


def test_environment_goes_before_dotenv(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("A_SERVER=from-file\nEMPTY=\n")
    assert variable("A_SERVER") == "from-file"
    assert variable("EMPTY") == ""
    monkeypatch.setenv("A_SERVER", "from-environment")
    assert variable("A_SERVER") == "from-environment"


def test_addresses_of_servers_are_remembered_and_private() -> None:
    write_servers({"REDIS_URL": "redis://:secret@127.0.0.1:1234/0"})
    assert former_server("REDIS_URL") == "redis://:secret@127.0.0.1:1234/0"
    assert former_server("DATABASE_URL") == ""
    assert Path(".local/servers.env").stat().st_mode & 0o777 == 0o600
