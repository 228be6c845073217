from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI

from sandbox.mailbox.mail import CaughtMail
from tests.service.accounts.conftest import API, essence, log_in, post, token_in
from tests.service.conftest import PASSWORD, make_client

pytestmark = pytest.mark.anyio

WaitForMail = Callable[..., Awaitable[CaughtMail]]
NEW = "quiet harbour lantern"


async def test_a_forgotten_password_is_reset_once_and_ends_every_session(
    client: httpx.AsyncClient, app: FastAPI, make_user: Callable[..., int], mail: WaitForMail
) -> None:
    make_user()
    old_session = await log_in(client)
    assert (await post(client, "/password/forgot", email="ANN@example.com")).status_code == 202
    token = token_in(await mail("ann@example.com", "password"))

    weak = await post(client, "/password/reset", token=token, password="password12")
    assert weak.status_code == 422
    assert (await post(client, "/password/reset", token=token, password=NEW)).status_code == 200
    again = await post(client, "/password/reset", token=token, password="yet another kettle")
    assert again.status_code == 400

    async with make_client(app, token=old_session) as ann:
        assert (await ann.get(f"{API}/me")).status_code == 401
    old = await post(client, "/login", email="ann@example.com", password=PASSWORD)
    assert old.status_code == 401
    await log_in(client, password=NEW)
    assert "changed" in (await mail("ann@example.com", "changed")).subject


async def test_an_unknown_address_gets_the_same_answer_and_a_mail_that_says_so(
    client: httpx.AsyncClient, make_user: Callable[..., int], mail: WaitForMail
) -> None:
    make_user("ann@example.com")
    known = await post(client, "/password/forgot", email="ann@example.com")
    unknown = await post(client, "/password/forgot", email="nobody@example.com")
    assert essence(known) == essence(unknown)
    with pytest.raises(AssertionError, match="no link"):
        token_in(await mail("nobody@example.com"))


async def test_who_opens_the_reset_link_has_verified_the_address(
    client: httpx.AsyncClient, make_user: Callable[..., int], mail: WaitForMail
) -> None:
    make_user("ann@example.com", verified=False)
    await post(client, "/password/forgot", email="ann@example.com")
    token = token_in(await mail("ann@example.com"))
    await post(client, "/password/reset", token=token, password=NEW)
    await log_in(client, password=NEW)


async def test_a_verification_link_resets_no_password(
    client: httpx.AsyncClient, make_user: Callable[..., int], mail: WaitForMail
) -> None:
    make_user("ann@example.com", verified=False)
    await post(client, "/verify/resend", email="ann@example.com")
    token = token_in(await mail("ann@example.com"))
    assert (await post(client, "/password/reset", token=token, password=NEW)).status_code == 400


async def test_changing_the_password_keeps_this_session_and_ends_the_others(
    client: httpx.AsyncClient, app: FastAPI, make_user: Callable[..., int], mail: WaitForMail
) -> None:
    make_user()
    here, elsewhere = await log_in(client), await log_in(client)
    async with make_client(app, token=here) as ann:
        wrong = await post(ann, "/password/change", current_password="no", new_password=NEW)
        assert wrong.status_code == 422
        assert wrong.json()["type"] == "urn:problem:wrong-password"
        right = await post(ann, "/password/change", current_password=PASSWORD, new_password=NEW)
        assert right.status_code == 200
        assert (await ann.get(f"{API}/me")).status_code == 200
    async with make_client(app, token=elsewhere) as other:
        assert (await other.get(f"{API}/me")).status_code == 401
    assert "changed" in (await mail("ann@example.com")).subject
    await log_in(client, password=NEW)
