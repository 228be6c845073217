from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from tests.service.conftest import make_client

pytestmark = pytest.mark.anyio


async def test_the_service_says_who_the_caller_is(
    app: FastAPI, make_user: Callable[..., int], make_token: Callable[..., str]
) -> None:
    user_id = make_user("ann@example.com", name="Ann")
    async with make_client(app, token=make_token(user_id, kind="page")) as ann:
        answer = await ann.get("/service/me")
    assert answer.json() == {
        "id": user_id,
        "email": "ann@example.com",
        "name": "Ann",
        "token": "page",
    }


async def test_the_service_greets_nobody_it_does_not_know(client: httpx.AsyncClient) -> None:
    answer = await client.get("/service/me")
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/service/healthz", "/service/readyz"])
async def test_the_probes_answer_behind_the_origin_too(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
