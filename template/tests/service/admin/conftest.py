"""Staff at the admin."""

import re
from collections.abc import Callable
from html import unescape

import httpx
import pytest

from tests.service.conftest import PASSWORD


async def csrf(client: httpx.AsyncClient, path: str = "/admin/login") -> str:
    """The token that the admin's forms carry."""
    match = re.search(r'name="csrftoken" value="([^"]+)"', (await client.get(path)).text)
    assert match
    return unescape(match[1])


async def log_in(
    client: httpx.AsyncClient, email: str, password: str = PASSWORD, code: str = ""
) -> httpx.Response:
    """Log in at the admin's own page."""
    form = {"username": email, "password": password, "code": code}
    form["csrftoken"] = await csrf(client)
    return await client.post("/admin/login", data=form)


@pytest.fixture
async def staff(client: httpx.AsyncClient, make_user: Callable[..., int]) -> httpx.AsyncClient:
    """A superuser who is logged in."""
    make_user("staff@example.com", is_staff=True, is_superuser=True)
    assert (await log_in(client, "staff@example.com")).status_code == 303
    return client


async def press(
    client: httpx.AsyncClient, view: str, name: str, row: int, token: str, kind: str = "row-action"
) -> httpx.Response:
    """Press a button of a row, or of the list."""
    return await client.post(
        f"/admin/_api/{view}/{kind}",
        params={"name": name, "pk": row, "pks": row},
        headers={"X-CSRFToken": token},
    )
