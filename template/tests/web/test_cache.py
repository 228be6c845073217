"""While Valkey is away the site goes on."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse
from redis import Redis

from core.env import get_settings
from sandbox.ports import free_port
from tests.web.conftest import PASSWORD
from web.accounts.models import User
from web.cache import ForgivingRedisCache


@pytest.fixture
def away() -> ForgivingRedisCache:
    """A cache on an address where nothing listens."""
    return ForgivingRedisCache(f"redis://127.0.0.1:{free_port()}", {})


def test_a_cache_that_is_away_counts_as_empty(away: ForgivingRedisCache) -> None:
    away.set("key", "value")
    assert away.get("key") is None
    assert away.get("key", "default") == "default"
    assert away.get_many(["key"]) == {}
    assert away.add("key", "value") is True
    assert "key" not in away
    assert away.get_or_set("key", lambda: "made") == "made"
    away.delete("key")
    away.clear()


def test_clearing_the_cache_leaves_the_queue_alone() -> None:
    with Redis.from_url(get_settings().redis_url) as server:
        server.set("of-somebody-else", "kept")
        cache.set("key", "value")
        assert cache.get("key") == "value"
        cache.clear()
        assert cache.get("key") is None
        assert server.get("of-somebody-else") == b"kept"
        server.delete("of-somebody-else")


def test_people_log_in_while_the_cache_is_away(client: Client, user: User, settings: Any) -> None:
    caches = {"default": {**settings.CACHES["default"]}}
    caches["default"]["LOCATION"] = f"redis://127.0.0.1:{free_port()}"
    with override_settings(CACHES=caches):
        response = client.post(
            reverse("account_login"), {"login": user.email, "password": PASSWORD}
        )
    assert response.status_code == 302
    assert "_auth_user_id" in client.session
