"""Yours: what the service promises beside Django."""

from collections.abc import Callable

import httpx
import pytest

pytestmark = pytest.mark.anyio


async def test_a_person_is_greeted_by_name(
    client: httpx.AsyncClient, make_user: Callable[..., int], make_token: Callable[..., str]
) -> None:
    token = make_token(make_user(name="Ann"))
    answer = await client.get("/service/greeting", headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == {"greeting": "Hello, Ann!"}


async def test_a_stranger_is_not_greeted(client: httpx.AsyncClient) -> None:
    assert (await client.get("/service/greeting")).status_code == 401
