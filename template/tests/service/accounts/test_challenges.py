"""Challenges are used once, tried a few times, and nobody passes when they cannot be kept."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from redis import Redis

from core.env import get_settings
from sandbox.ports import free_port
from service.accounts.challenges import MOST_ATTEMPTS, Challenges
from service.http.problems import Problem

pytestmark = pytest.mark.anyio

SOON = timedelta(minutes=1)


@pytest.fixture
async def challenges() -> AsyncIterator[Challenges]:
    challenges = Challenges()
    yield challenges
    await challenges.close()


async def test_a_challenge_is_taken_once_however_many_reach_for_it(challenges: Challenges) -> None:
    for _ in range(20):
        token = await challenges.make("code", {"user_id": 1}, SOON)
        taken = await asyncio.gather(*(challenges.take("code", token) for _ in range(8)))
        assert sorted(taken, key=bool) == [None] * 7 + [{"user_id": 1}]


async def test_a_challenge_is_good_for_its_purpose_alone(challenges: Challenges) -> None:
    token = await challenges.make("code", {"user_id": 1}, SOON)
    assert await challenges.take("oidc", token) is None
    assert await challenges.look("oidc", token) is None
    assert await challenges.look("code", token) == {"user_id": 1}


async def test_a_challenge_ends(challenges: Challenges) -> None:
    token = await challenges.make("code", {}, timedelta(milliseconds=1000))
    with Redis.from_url(get_settings().redis_url) as valkey:
        (key,) = [key for key in valkey.scan_iter("challenge:code:*") if valkey.get(key) == b"{}"]
        assert 0 < valkey.pttl(key) <= 1000
        # What a second later happens by itself.
        valkey.pexpire(key, 0)
    assert await challenges.take("code", token) is None


async def test_tries_are_counted_before_they_are_made(challenges: Challenges) -> None:
    token = await challenges.make("code", {"user_id": 1}, SOON)
    tries = [challenges.attempt("code", token) for _ in range(MOST_ATTEMPTS + 5)]
    right = [content for content in await asyncio.gather(*tries) if content]
    assert len(right) == MOST_ATTEMPTS


async def test_valkey_holds_no_token(challenges: Challenges) -> None:
    token = await challenges.make("code", {}, SOON)
    with Redis.from_url(get_settings().redis_url) as valkey:
        keys = b" ".join(valkey.scan_iter("challenge*"))
    assert keys
    assert token.encode() not in keys


async def test_when_they_cannot_be_kept_nobody_passes(environment: Callable[..., None]) -> None:
    environment(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    away = Challenges()
    for call in (
        away.make("code", {}, SOON),
        away.look("code", "code_x"),
        away.attempt("code", "code_x"),
        away.take("code", "code_x"),
    ):
        with pytest.raises(Problem) as caught:
            await call
        assert caught.value.status == 503
    await away.close()
