"""Passkeys: login, sign-up, and what their owners do with them."""

import asyncio
import contextlib
import copy
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.mailbox.mail import CaughtMail
from service.accounts.factors.passkeys import WrongPasskey, challenge_of, check_new
from tests.service.accounts.authenticator import Authenticator, decode, encode
from tests.service.accounts.conftest import API, essence, log_in, post, token_in
from tests.service.accounts.factors import add_passkey
from tests.service.conftest import make_client

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]
WaitForMail = Callable[..., Awaitable[CaughtMail]]


@pytest.fixture
async def ann(
    app: FastAPI, make_user: Callable[..., int], make_token: Callable[..., str]
) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has just logged in."""
    async with make_client(app, token=make_token(make_user())) as client:
        yield client


async def login_options(client: httpx.AsyncClient) -> dict[str, Any]:
    """What the browser gets to log somebody in."""
    answer = await post(client, "/passkey/options")
    assert answer.status_code == 200
    options: dict[str, Any] = answer.json()["public_key"]
    assert options["userVerification"] == "required"
    assert not options.get("allowCredentials")
    return options


async def use(client: httpx.AsyncClient, authenticator: Authenticator) -> httpx.Response:
    """Log in by a passkey."""
    proof = authenticator.use(await login_options(client))
    return await post(client, "/passkey/login", credential=proof)


async def test_a_passkey_logs_in_without_anything_else(
    app: FastAPI, client: httpx.AsyncClient, ann: httpx.AsyncClient, mail: WaitForMail
) -> None:
    key = await add_passkey(ann)
    answer = await use(client, key)
    assert answer.status_code == 200, answer.text
    async with make_client(app, token=answer.json()["token"]) as phone:
        assert (await phone.get(f"{API}/me")).json()["email"] == "ann@example.com"
    assert "“Ann's phone” was added" in (await mail("ann@example.com", "sign in")).text
    assert (await use(client, key)).status_code == 200


async def test_a_proof_is_good_once_however_many_send_it(
    client: httpx.AsyncClient, ann: httpx.AsyncClient
) -> None:
    # Its counter stays 0, so that only the challenge tells.
    key = await add_passkey(ann, counts=False)
    proof = key.use(await login_options(client))
    answers = await asyncio.gather(
        *(post(client, "/passkey/login", credential=proof) for _ in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://testserver.evil.example"},
        {"rp_id": "evil.example"},
        {"verifies_user": False},
        {"uses": 0},
        {"id": b"somebody else's"},
        {"user_handle": encode(b"zzz")},
        {"user_handle": encode(b"!")},
        {"user_handle": ""},
        {"key": Authenticator().key},
    ],
)
async def test_a_wrong_proof_opens_nothing_and_says_no_more(
    client: httpx.AsyncClient, ann: httpx.AsyncClient, wrong: dict[str, Any]
) -> None:
    key = await add_passkey(ann)
    assert (await use(client, key)).status_code == 200
    for trait, value in wrong.items():
        setattr(key, trait, value)
    answer = await use(client, key)
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:problem:wrong-passkey"


async def test_a_copied_key_is_noticed_by_its_counter(
    client: httpx.AsyncClient, ann: httpx.AsyncClient
) -> None:
    key = await add_passkey(ann)
    clone = copy.copy(key)
    assert (await use(client, key)).status_code == 200
    assert (await use(client, key)).status_code == 200
    assert (await use(client, clone)).status_code == 401


async def test_a_challenge_of_another_kind_is_not_taken(
    client: httpx.AsyncClient, ann: httpx.AsyncClient
) -> None:
    key = await add_passkey(ann)
    options = (await ann.post(f"{API}/auth/reauthenticate/options")).json()["public_key"]
    answer = await post(client, "/passkey/login", credential=key.use(options))
    assert answer.status_code == 401
    invented = {"rpId": "testserver", "challenge": encode(b"invented")}
    answer = await post(client, "/passkey/login", credential=key.use(invented))
    assert answer.status_code == 401


async def test_a_passkey_of_somebody_locked_out_opens_nothing(
    client: httpx.AsyncClient, ann: httpx.AsyncClient, database: Database
) -> None:
    key = await add_passkey(ann)
    database.execute("UPDATE accounts_user SET is_active = false")
    assert (await use(client, key)).status_code == 401


@pytest.mark.parametrize(
    "wrong", [{"origin": "https://evil.example"}, {"rp_id": "evil"}, {"verifies_user": False}]
)
async def test_a_wrong_passkey_is_not_stored(
    ann: httpx.AsyncClient, database: Database, wrong: dict[str, Any]
) -> None:
    options = (await ann.post(f"{API}/me/passkeys/options")).json()["public_key"]
    credential = Authenticator(**wrong).make(options)
    answer = await ann.post(f"{API}/me/passkeys", json={"credential": credential})
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:problem:wrong-passkey"
    assert database.execute("SELECT 1 FROM mfa_authenticator").fetchone() is None


async def test_options_are_for_who_asked_and_for_one_passkey(
    app: FastAPI,
    ann: httpx.AsyncClient,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    options = (await ann.post(f"{API}/me/passkeys/options")).json()["public_key"]
    async with make_client(app, token=make_token(make_user("bob@example.com"))) as bob:
        body = {"credential": Authenticator().make(options)}
        assert (await bob.post(f"{API}/me/passkeys", json=body)).status_code == 422
    options = (await ann.post(f"{API}/me/passkeys/options")).json()["public_key"]
    for status in (201, 422):
        body = {"credential": Authenticator().make(options)}
        assert (await ann.post(f"{API}/me/passkeys", json=body)).status_code == status


async def test_owners_list_rename_and_remove_their_own(
    app: FastAPI,
    client: httpx.AsyncClient,
    ann: httpx.AsyncClient,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    key = await add_passkey(ann)
    (listed,) = (await ann.get(f"{API}/me/passkeys")).json()
    assert listed["name"] == "Ann's phone"
    assert listed["last_used_at"] is None
    path = f"{API}/me/passkeys/{listed['id']}"
    async with make_client(app, token=make_token(make_user("bob@example.com"))) as bob:
        assert (await bob.get(f"{API}/me/passkeys")).json() == []
        assert (await bob.patch(path, json={"name": "Bob's"})).status_code == 404
        assert (await bob.delete(path)).status_code == 404
    assert (await ann.patch(path, json={"name": " Old phone "})).json()["name"] == "Old phone"
    assert (await ann.patch(path, json={"name": "  "})).status_code == 422
    assert (await use(client, key)).status_code == 200
    (listed,) = (await ann.get(f"{API}/me/passkeys")).json()
    assert listed["last_used_at"] is not None
    assert (await ann.delete(path)).status_code == 204
    assert (await ann.delete(path)).status_code == 404
    assert (await use(client, key)).status_code == 401
    # Nothing is left that would ask for a second factor.
    await log_in(client)


async def test_the_same_authenticator_is_not_added_twice(ann: httpx.AsyncClient) -> None:
    key = await add_passkey(ann)
    options = (await ann.post(f"{API}/me/passkeys/options")).json()["public_key"]
    assert [known["id"] for known in options["excludeCredentials"]] == [encode(key.id)]
    # A browser would refuse; who writes to the API may try.
    options["excludeCredentials"] = []
    answer = await ann.post(f"{API}/me/passkeys", json={"credential": key.make(options)})
    assert answer.status_code == 409


async def test_a_passkey_is_stored_as_allauth_stores_it(
    ann: httpx.AsyncClient, database: Database
) -> None:
    key = await add_passkey(ann)
    row = database.execute("SELECT data FROM mfa_authenticator WHERE type = 'webauthn'").fetchone()
    assert row
    credential = row["data"]["credential"]
    assert row["data"]["name"] == "Ann's phone"
    assert credential["id"] == credential["rawId"] == encode(key.id)
    assert credential["clientExtensionResults"] == {"credProps": {"rk": True}}
    assert set(credential["response"]) == {"clientDataJSON", "attestationObject", "transports"}
    # allauth finds the user by this.
    user = database.execute("SELECT id FROM accounts_user").fetchone()
    assert user
    assert int(decode(key.user_handle), 36) == user["id"]


async def sign_up(
    client: httpx.AsyncClient, email: str = "new@example.com"
) -> tuple[Authenticator, httpx.Response]:
    """Sign up with a passkey."""
    options = await post(client, "/passkey/register/options", email=email, name="New")
    assert options.status_code == 200, options.text
    key = Authenticator()
    credential = key.make(options.json()["public_key"])
    return key, await post(client, "/passkey/register", credential=credential)


async def test_a_sign_up_with_a_passkey_opens_nothing_before_the_address_is_verified(
    app: FastAPI, client: httpx.AsyncClient, mail: WaitForMail
) -> None:
    key, answer = await sign_up(client)
    assert answer.status_code == 202, answer.text
    early = await use(client, key)
    assert early.status_code == 403
    assert early.json()["type"] == "urn:problem:email-not-verified"
    await post(client, "/verify", token=token_in(await mail("new@example.com", "Confirm")))
    answer = await use(client, key)
    assert answer.status_code == 200
    async with make_client(app, token=answer.json()["token"]) as new:
        assert (await new.get(f"{API}/me")).json()["name"] == "New"
        factors = (await new.get(f"{API}/me/second-factor")).json()
    assert factors == {"totp": False, "passkeys": 1, "recovery_codes_left": 10}
    nothing = await post(client, "/login", email="new@example.com", password="!")
    assert nothing.status_code == 401


async def test_a_sign_up_with_a_taken_address_changes_nothing_and_looks_the_same(
    client: httpx.AsyncClient, make_user: Callable[..., int], mail: WaitForMail, database: Database
) -> None:
    make_user("ann@example.com")
    make_user("waits@example.com", verified=False)
    essences = []
    keys = []
    for email in ("ann@example.com", "waits@example.com", "new@example.com"):
        key, answer = await sign_up(client, email)
        status, headers, document = essence(answer)
        codes = document.pop("recovery_codes")
        assert len(set(codes)) == 10
        assert all(len(code) == 8 and code.isdigit() for code in codes)
        essences.append((status, headers, document))
        keys.append(key)
    assert essences[0] == essences[1] == essences[2]
    assert "already" in (await mail("ann@example.com")).subject
    assert (await use(client, keys[0])).status_code == 401
    stored = database.execute("SELECT DISTINCT user_id FROM mfa_authenticator").fetchall()
    assert len(stored) == 1
    await log_in(client)


async def test_the_owner_who_resets_the_password_keeps_no_foreign_passkey(
    client: httpx.AsyncClient, mail: WaitForMail, database: Database
) -> None:
    # Somebody signs up with an address that is not theirs, and waits.
    key, _ = await sign_up(client, "victim@example.com")
    await post(client, "/password/forgot", email="victim@example.com")
    token = token_in(await mail("victim@example.com", "password"))
    answer = await post(client, "/password/reset", token=token, password="quiet harbour lantern")
    assert answer.status_code == 200
    assert (await use(client, key)).status_code == 401
    assert database.execute("SELECT 1 FROM mfa_authenticator").fetchone() is None
    await log_in(client, "victim@example.com", "quiet harbour lantern")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    credential=st.dictionaries(
        st.sampled_from(["id", "rawId", "type", "response", "authenticatorAttachment"]),
        JSON
        | st.fixed_dictionaries(
            {},
            optional={
                "clientDataJSON": JSON | st.binary().map(encode),
                "attestationObject": JSON | st.binary().map(encode),
                "transports": JSON,
            },
        ),
    )
)
def test_whatever_is_sent_as_a_passkey_is_refused_and_never_an_error(
    credential: dict[str, Any],
) -> None:
    with pytest.raises(WrongPasskey):
        check_new(credential, "token", "name")
    with contextlib.suppress(WrongPasskey):
        challenge_of(credential)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(place=st.integers(min_value=0), byte=st.integers(min_value=0, max_value=255))
def test_no_changed_byte_of_a_new_passkey_is_an_error(place: int, byte: int) -> None:
    token = "passkey-add_x"
    key = Authenticator()
    credential = key.make(
        {
            "rp": {"id": "testserver"},
            "authenticatorSelection": {"userVerification": "required"},
            "user": {"id": "MQ"},
            "challenge": encode(token.encode()),
        }
    )
    attestation = bytearray(decode(credential["response"]["attestationObject"]))
    attestation[place % len(attestation)] = byte
    credential["response"]["attestationObject"] = encode(bytes(attestation))
    # Some bytes change nothing that is checked: those of the id, for instance.
    with contextlib.suppress(WrongPasskey):
        check_new(credential, token, "name")
