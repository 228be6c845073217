"""People with second factors."""

import time
from typing import Any

import anyio
import httpx
import psycopg
import pyotp

from tests.service.accounts.authenticator import Authenticator
from tests.service.accounts.conftest import API, post
from tests.service.conftest import PASSWORD

Database = psycopg.Connection[dict[str, Any]]
STEP = 30  # seconds for which an app shows a code


def app_code(secret: str, *, steps: int = 0) -> str:
    """What the app shows, now or some steps of thirty seconds from now."""
    return pyotp.TOTP(secret).at(time.time() + STEP * steps)


async def leave_time() -> None:
    """Begin a new step if this one ends within moments: the code before it would be too old."""
    left = STEP - time.time() % STEP
    if left < 2:
        await anyio.sleep(left)


async def set_up_app(client: httpx.AsyncClient) -> tuple[str, list[str]]:
    """Turn on an app; its secret and the recovery codes. The code of the step before is used."""
    setup = await client.post(f"{API}/me/second-factor/totp/setup")
    assert setup.status_code == 200, setup.text
    secret = setup.json()["secret"]
    await leave_time()
    answer = await client.post(
        f"{API}/me/second-factor/totp",
        json={"challenge": setup.json()["challenge"], "code": app_code(secret, steps=-1)},
    )
    assert answer.status_code == 201, answer.text
    return secret, answer.json()["recovery_codes"]


async def add_passkey(client: httpx.AsyncClient, **traits: Any) -> Authenticator:
    """Add a passkey for whoever is logged in."""
    options = await client.post(f"{API}/me/passkeys/options")
    assert options.status_code == 200, options.text
    authenticator = Authenticator(**traits)
    credential = authenticator.make(options.json()["public_key"])
    answer = await client.post(
        f"{API}/me/passkeys", json={"credential": credential, "name": "Ann's phone"}
    )
    assert answer.status_code == 201, answer.text
    return authenticator


async def waiting(client: httpx.AsyncClient, email: str = "ann@example.com") -> dict[str, Any]:
    """Log in by password; what is said about the missing second factor."""
    answer = await post(client, "/login", email=email, password=PASSWORD)
    assert answer.status_code == 401, answer.text
    document: dict[str, Any] = answer.json()
    assert document["type"] == "urn:problem:second-factor-required"
    return document


def let_time_pass(database: Database, minutes: int = 11) -> None:
    """As if everybody had logged in that long ago."""
    database.execute(
        "UPDATE accounts_accesstoken SET created_at = created_at - %s * interval '1 minute'",
        [minutes],
    )
