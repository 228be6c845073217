import asyncio
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from core.network import network_of
from sandbox.ports import free_port
from service.accounts.hashing import PasswordHashing
from service.http.client import client_ip
from service.http.problems import Problem
from service.limits import GUESSES, LOGIN, Limiter
from tests.service.accounts.conftest import log_in, post
from tests.service.conftest import PASSWORD, make_client

pytestmark = pytest.mark.anyio


async def attempt(client: httpx.AsyncClient, email: str, password: str = "wrong") -> int:
    return (await post(client, "/login", email=email, password=password)).status_code


async def test_guessing_is_stopped_and_the_owner_still_logs_in(
    app: FastAPI, make_user: Callable[..., int]
) -> None:
    make_user("ann@example.com")
    async with make_client(app, ip="203.0.113.9") as attacker:
        statuses = [await attempt(attacker, "ann@example.com") for _ in range(11)]
        assert statuses == [401] * 10 + [429]
        # Not even with the right password, and not by writing the address differently.
        answer = await post(attacker, "/login", email="ANN@example.com", password=PASSWORD)
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 600
        assert answer.headers["Content-Type"] == "application/problem+json"
    async with make_client(app, ip="198.51.100.1") as owner:
        await log_in(owner)


async def test_one_client_cannot_try_many_addresses(app: FastAPI) -> None:
    limiter: Limiter = app.state.limiter
    for number in range(100):
        await limiter.check(LOGIN, "203.0.113.9", f"user{number}@example.com")
    async with make_client(app, ip="203.0.113.9") as attacker:
        assert await attempt(attacker, "fresh@example.com") == 429


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/register", {"email": "ann@example.com", "password": PASSWORD}),
        ("/password/forgot", {"email": "ann@example.com"}),
        ("/verify/resend", {"email": "ann@example.com"}),
    ],
)
async def test_mails_to_an_address_are_limited(
    client: httpx.AsyncClient, path: str, body: dict[str, str]
) -> None:
    statuses = [(await post(client, path, **body)).status_code for _ in range(6)]
    assert statuses == [202] * 5 + [429]


async def test_without_the_counter_people_still_log_in_and_an_error_is_logged(
    app: FastAPI,
    client: httpx.AsyncClient,
    make_user: Callable[..., int],
    environment: Callable[..., None],
) -> None:
    make_user()
    environment(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    broken = Limiter()
    working, app.state.limiter = app.state.limiter, broken
    try:
        with capture_logs() as logs:
            await log_in(client)
    finally:
        app.state.limiter = working
        await broken.close()
    assert "rate limit not counted" in [line["event"] for line in logs]


async def test_without_the_counter_nobody_guesses_second_factors(
    environment: Callable[..., None],
) -> None:
    """A password hash costs its guesser something; a code of six digits costs nothing."""
    environment(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    broken = Limiter()
    try:
        with pytest.raises(Problem) as refused:
            await broken.check_account(GUESSES, 1)
    finally:
        await broken.close()
    assert refused.value.status == 503


async def test_more_passwords_than_can_be_checked_soon_are_turned_away() -> None:
    hashing = PasswordHashing(threads=1, most_waiting=2)
    try:
        results = await asyncio.gather(
            *(hashing.hash(PASSWORD) for _ in range(5)), return_exceptions=True
        )
    finally:
        hashing.close()
    turned_away = [result for result in results if isinstance(result, Problem)]
    assert [problem.status for problem in turned_away] == [429, 429]
    assert all(problem.headers == {"Retry-After": "1"} for problem in turned_away)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.1", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "1.1.1.1, 203.0.113.1", "203.0.113.1"),
        (2, "1.1.1.1, 203.0.113.1, 10.0.0.1", "203.0.113.1"),
        (2, "203.0.113.1", "192.0.2.1"),
        (1, "not an address", "192.0.2.1"),
        (1, "::ffff:203.0.113.1", "203.0.113.1"),
    ],
)
def test_only_our_own_proxies_are_believed(
    environment: Callable[..., None], proxies: int, forwarded: str, address: str
) -> None:
    scope = {
        "type": "http",
        "client": ("192.0.2.1", 1),
        "headers": [(b"x-forwarded-for", forwarded.encode())] if forwarded else [],
    }
    environment(TRUSTED_PROXY_COUNT=str(proxies))
    assert client_ip(scope) == address


def test_an_ipv6_network_counts_as_one_client() -> None:
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
