"""Probes: the process answers, and says what it cannot reach."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from core.env import get_settings
from sandbox.ports import free_port
from tests import PATIENCE
from web import health


def test_a_process_answers_whatever_host_it_is_called(client: Client) -> None:
    response = client.get("/healthz", headers={"Host": "10.0.0.7:8000"})
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_it_is_ready_when_database_and_broker_answer(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "TIMEOUT", PATIENCE)
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["checks"] == {"database": "ok", "broker": "ok"}


@pytest.fixture
def broker_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker's address where nothing listens."""
    away = get_settings().model_copy(update={"redis_url": f"redis://127.0.0.1:{free_port()}"})
    monkeypatch.setattr(health, "get_settings", lambda: away)


def test_a_broker_that_is_away_is_named(client: Client, db: None, broker_away: None) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "broker": "down"}


@pytest.fixture
def database_away(transactional_db: None) -> Iterator[None]:
    """A database's address where nothing listens."""
    connection.close()
    port = connection.settings_dict["PORT"]
    connection.settings_dict["PORT"] = free_port()
    yield
    connection.close()
    connection.settings_dict["PORT"] = port


def test_a_database_that_is_away_is_named(client: Client, database_away: None) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "down", "broker": "ok"}
    assert client.get("/healthz").status_code == 200
