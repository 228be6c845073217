"""Login by a provider: a real one, of the sandbox, over HTTP."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI
from joserfc.errors import JoseError

from sandbox.mailbox.mail import CaughtMail
from sandbox.oidc.thread import OidcProvider, oidc_in_thread
from sandbox.ports import free_port
from service.accounts.social import client as social_client
from service.accounts.social.flow import challenge_of
from service.accounts.social.providers import providers
from service.identity.cookie import NAME
from tests.service.accounts.conftest import API, post
from tests.service.accounts.factors import app_code, let_time_pass, set_up_app
from tests.service.conftest import PASSWORD, make_client

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]
WaitForMail = Callable[..., Awaitable[CaughtMail]]
OURS = "http://testserver"


@pytest.fixture(scope="module")
def running() -> Iterator[OidcProvider]:
    with oidc_in_thread() as provider:
        yield provider


@pytest.fixture
def provider(running: OidcProvider, environment: Callable[..., None]) -> OidcProvider:
    """The provider, set up by the environment."""
    environment(
        OIDC_NAME="Acme",
        OIDC_ISSUER=running.issuer,
        OIDC_CLIENT_ID=running.client_id,
        OIDC_CLIENT_SECRET=running.client_secret,
    )
    return running


@pytest.fixture
async def ann(
    app: FastAPI, make_user: Callable[..., int], make_token: Callable[..., str]
) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has just logged in."""
    async with make_client(app, token=make_token(make_user())) as client:
        yield client


async def begin(browser: httpx.AsyncClient, **query: str) -> str:
    """Where the browser is sent."""
    answer = await browser.get(f"{API}/auth/oidc/oidc", params=query)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


async def come_back(
    browser: httpx.AsyncClient, provider: OidcProvider, address: str, **person: Any
) -> str:
    """Log in at the provider; where the browser ends."""
    callback = await asyncio.to_thread(
        provider.log_in, address, **{"email": "ann@example.com", **person}
    )
    answer = await browser.get(callback)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


async def walk(browser: httpx.AsyncClient, provider: OidcProvider, **person: Any) -> str:
    """The whole way; where the browser ends."""
    return await come_back(browser, provider, await begin(browser), **person)


def error_at(address: str) -> str:
    """What went wrong, by the address that the browser ended at."""
    return parse_qs(urlsplit(address).fragment).get("sign_in_error", [""])[0]


async def test_a_stranger_gets_an_account_with_a_verified_address(
    client: httpx.AsyncClient, provider: OidcProvider, database: Database, mail: WaitForMail
) -> None:
    address = await begin(client, redirect_to="/welcome?a=1")
    end = await come_back(client, provider, address, name="Ann\n Lee")
    assert end == f"{OURS}/welcome?a=1"
    me = (await client.get(f"{API}/me")).json()
    assert (me["email"], me["name"]) == ("ann@example.com", "Ann  Lee")
    row = database.execute(
        "SELECT provider, extra_data FROM socialaccount_socialaccount"
    ).fetchone()
    assert row
    assert row["provider"] == "oidc"
    assert row["extra_data"]["id_token"]["email"] == "ann@example.com"
    await mail("ann@example.com", "Welcome")
    # The second time it is the same account.
    await walk(client, provider)
    assert (await client.get(f"{API}/me")).json()["id"] == me["id"]


async def test_the_session_is_in_a_cookie_that_scripts_cannot_read(
    client: httpx.AsyncClient, provider: OidcProvider
) -> None:
    address = await begin(client)
    callback = await asyncio.to_thread(provider.log_in, address, email="ann@example.com")
    answer = await client.get(callback)
    (cookie,) = [
        header
        for header in answer.headers.get_list("Set-Cookie")
        if header.startswith(f"{NAME}=session_")
    ]
    assert "HttpOnly" in cookie
    assert "session_" not in answer.headers["Location"]


@pytest.mark.parametrize("verified", [True, False])
async def test_nothing_is_joined_because_two_addresses_are_equal(
    client: httpx.AsyncClient,
    provider: OidcProvider,
    make_user: Callable[..., int],
    database: Database,
    verified: bool,
) -> None:
    make_user("ann@example.com", verified=verified)
    assert error_at(await walk(client, provider, email="Ann@Example.com")) == "account-exists"
    assert NAME not in client.cookies
    assert not database.execute("SELECT 1 FROM socialaccount_socialaccount").fetchone()
    assert (
        bool(database.execute("SELECT 1 FROM account_emailaddress WHERE verified").fetchone())
        == verified
    )
    # The password stays: whoever has the account connects the login.
    answer = await post(client, "/login", email="ann@example.com", password=PASSWORD)
    assert answer.status_code == (200 if verified else 403)


@pytest.mark.parametrize("claim", [False, "false", None, "yes", 1.5])
async def test_an_address_that_the_provider_does_not_vouch_for_opens_nothing(
    client: httpx.AsyncClient,
    provider: OidcProvider,
    make_user: Callable[..., int],
    database: Database,
    claim: object,
) -> None:
    make_user("ann@example.com")
    end = await walk(client, provider, email_verified=claim)
    assert error_at(end) == "provider-email-unverified"
    assert NAME not in client.cookies
    assert database.execute("SELECT 1 FROM socialaccount_socialaccount").fetchone() is None


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://evil.example"},
        {"aud": "somebody-else"},
        {"aud": ["sandbox", "somebody-else"], "azp": "somebody-else"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"iat": 99999999999},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 200},
        {"sub": {"a": 1}},
    ],
)
async def test_no_false_claim_is_believed(
    client: httpx.AsyncClient, provider: OidcProvider, database: Database, lie: dict[str, Any]
) -> None:
    end = await walk(client, provider, **lie)
    assert error_at(end) in ("provider-failed", "login-refused", "provider-email-unverified")
    assert NAME not in client.cookies
    assert database.execute("SELECT 1 FROM accounts_user").fetchone() is None


@pytest.mark.parametrize("value", [{"a": 1}, ["ann@example.com"], 1.5, True])
def test_what_is_no_text_is_no_address_and_no_name(value: object) -> None:
    with pytest.raises(TypeError):
        social_client.text(value)
    with pytest.raises(TypeError):
        social_client.address(value)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        # What a library that trusts the header of a token would believe.
        ("HS256", "sandbox-secret" * 3),
        ("none", None),
    ],
)
async def test_a_token_that_the_provider_did_not_sign_is_refused(
    provider: OidcProvider, algorithm: str, key: Any
) -> None:
    now = int(time.time())
    claims = {
        "iss": provider.issuer,
        "aud": provider.client_id,
        "sub": "ann",
        "nonce": "n",
        "iat": now,
        "exp": now + 60,
    }
    forged = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "sandbox-key"})
    async with social_client.Conversation(providers()["oidc"]) as conversation:
        with pytest.raises((JoseError, ValueError)):
            await conversation.checked_claims(
                {"jwks_uri": f"{provider.issuer}/jwks"}, {"id_token": forged}, "n"
            )


async def test_a_login_is_finished_by_the_browser_that_started_it_and_once(
    app: FastAPI, client: httpx.AsyncClient, provider: OidcProvider
) -> None:
    # An attacker starts, logs in as themselves, and lures a victim to the end of it.
    callback = ""
    async with make_client(app, ip="198.51.100.7") as victim:
        # The second time the victim has started something, too.
        for _ in range(2):
            address = await begin(client)
            callback = await asyncio.to_thread(provider.log_in, address, email="evil@example.com")
            lured = await victim.get(callback)
            assert lured.status_code == 400
            assert lured.json()["type"] == "urn:problem:bad-state"
            assert NAME not in victim.cookies
            await begin(victim)
    # By now it is used up, for the attacker, too.
    assert (await client.get(callback)).status_code == 400
    for state in ("", "oidc-state_x", "code_x"):
        answer = await client.get(f"{API}/auth/oidc/oidc/callback", params={"state": state})
        assert answer.status_code == 400


async def test_two_tabs_do_not_disturb_each_other(
    client: httpx.AsyncClient, provider: OidcProvider
) -> None:
    one, two = await begin(client), await begin(client)
    assert error_at(await come_back(client, provider, one)) == ""
    assert error_at(await come_back(client, provider, two)) == ""


@pytest.mark.parametrize(
    "redirect_to",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "evil",
        "",
        "/a b",
        "/a\nb",
        "/#x",
    ],
)
async def test_the_browser_ends_on_our_own_origin(
    client: httpx.AsyncClient, provider: OidcProvider, redirect_to: str
) -> None:
    answer = await client.get(f"{API}/auth/oidc/oidc", params={"redirect_to": redirect_to})
    if answer.status_code == 303:
        end = await come_back(client, provider, answer.headers["Location"])
        assert urlsplit(end).netloc == "testserver"
    else:
        assert answer.status_code == 422


async def test_who_refuses_at_the_provider_is_led_back(
    client: httpx.AsyncClient, provider: OidcProvider
) -> None:
    address = await begin(client, redirect_to="/login")
    callback = await asyncio.to_thread(provider.refuse, address)
    answer = await client.get(callback)
    assert answer.headers["Location"] == f"{OURS}/login#sign_in_error=refused"


async def test_a_program_gets_a_code_that_works_once_and_for_it_alone(
    app: FastAPI, client: httpx.AsyncClient, provider: OidcProvider
) -> None:
    verifier = "v" * 43

    async def code() -> str:
        address = await begin(client, code_challenge=challenge_of(verifier))
        end = await come_back(client, provider, address)
        assert NAME not in client.cookies
        return parse_qs(urlsplit(end).fragment)["exchange_code"][0]

    for wrong in ("", "w" * 43):
        # Who reads the address only, and tries, voids the code.
        stolen = await code()
        for tried in (wrong, verifier):
            answer = await post(client, "/oidc/exchange", exchange_code=stolen, code_verifier=tried)
            assert answer.status_code == 401
    good = await code()
    answer = await post(client, "/oidc/exchange", exchange_code=good, code_verifier=verifier)
    assert answer.status_code == 200
    async with make_client(app, token=answer.json()["token"]) as program:
        assert (await program.get(f"{API}/me")).json()["email"] == "ann@example.com"
    again = await post(client, "/oidc/exchange", exchange_code=good, code_verifier=verifier)
    assert again.status_code == 401


async def test_a_provider_does_not_stand_in_for_the_second_factor(
    client: httpx.AsyncClient, ann: httpx.AsyncClient, provider: OidcProvider
) -> None:
    secret, _ = await set_up_app(ann)
    await connect(ann, provider)
    end = await walk(client, provider)
    assert NAME not in client.cookies
    code = parse_qs(urlsplit(end).fragment)["exchange_code"][0]
    answer = await post(client, "/oidc/exchange", exchange_code=code)
    assert answer.status_code == 401
    document = answer.json()
    assert document["type"] == "urn:problem:second-factor-required"
    done = await post(
        client, "/second-factor", challenge=document["challenge"], code=app_code(secret)
    )
    assert done.status_code == 200


async def test_somebody_locked_out_stays_out(
    client: httpx.AsyncClient, provider: OidcProvider, database: Database
) -> None:
    await walk(client, provider)
    client.cookies.delete(NAME)
    database.execute("UPDATE accounts_user SET is_active = false")
    assert error_at(await walk(client, provider)) == "login-refused"
    # Nor by another person at the provider with the same address.
    assert error_at(await walk(client, provider, sub="another")) == "account-exists"
    assert NAME not in client.cookies


async def test_an_identity_keeps_its_account_when_its_address_changes(
    client: httpx.AsyncClient, provider: OidcProvider, make_user: Callable[..., int]
) -> None:
    await walk(client, provider, sub="ann")
    ann = (await client.get(f"{API}/me")).json()["id"]
    make_user("bob@example.com")
    await walk(client, provider, sub="ann", email="bob@example.com")
    assert (await client.get(f"{API}/me")).json()["id"] == ann


async def test_two_first_logins_at_once_make_one_account(
    app: FastAPI, provider: OidcProvider, database: Database
) -> None:
    async def first(number: int) -> str:
        async with make_client(app, ip=f"198.51.100.{number}") as browser:
            return await walk(browser, provider)

    ends = await asyncio.gather(*(first(number) for number in range(4)))
    assert all(error_at(end) in ("", "account-exists") for end in ends)
    assert "" in map(error_at, ends)
    assert len(database.execute("SELECT 1 FROM accounts_user").fetchall()) == 1
    assert len(database.execute("SELECT 1 FROM socialaccount_socialaccount").fetchall()) == 1


async def connect(browser: httpx.AsyncClient, provider: OidcProvider, **person: Any) -> str:
    """Connect a login to the account of whoever is logged in; where the browser ends."""
    answer = await browser.post(f"{API}/me/social-accounts/oidc?redirect_to=/account")
    assert answer.status_code == 200, answer.text
    return await come_back(browser, provider, answer.json()["url"], **person)


async def test_who_is_logged_in_connects_and_disconnects_a_login(
    app: FastAPI,
    ann: httpx.AsyncClient,
    client: httpx.AsyncClient,
    provider: OidcProvider,
    make_user: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    # Its address may be another one, verified or not.
    end = await connect(ann, provider, email="work@example.com", email_verified=False)
    assert end == f"{OURS}/account"
    (listed,) = (await ann.get(f"{API}/me/social-accounts")).json()
    assert listed["provider"] == "oidc"
    await walk(client, provider, email="work@example.com", email_verified=False)
    assert (await client.get(f"{API}/me")).json()["email"] == "ann@example.com"
    path = f"{API}/me/social-accounts/{listed['id']}"
    async with make_client(app, token=make_token(make_user("bob@example.com"))) as bob:
        end = await connect(bob, provider, email="work@example.com")
        assert error_at(end) == "connected-elsewhere"
        assert (await bob.delete(path)).status_code == 404
    assert (await ann.delete(path)).status_code == 204
    assert (await ann.delete(path)).status_code == 404


async def test_an_old_session_connects_nothing(
    ann: httpx.AsyncClient, provider: OidcProvider, database: Database
) -> None:
    let_time_pass(database)
    assert (await ann.post(f"{API}/me/social-accounts/oidc")).status_code == 403
    assert (await ann.delete(f"{API}/me/social-accounts/1")).status_code == 403


async def test_only_what_is_set_up_is_offered(
    client: httpx.AsyncClient, environment: Callable[..., None]
) -> None:
    assert (await client.get(f"{API}/auth/oidc")).json() == []
    for path in ("/auth/oidc/google", "/auth/oidc/nobody", "/auth/oidc/github/callback"):
        assert (await client.get(f"{API}{path}")).status_code == 404
    environment(GITHUB_CLIENT_ID="x", GOOGLE_CLIENT_ID="y", OIDC_CLIENT_ID="z")
    offered = (await client.get(f"{API}/auth/oidc")).json()
    assert offered == [{"id": "google", "name": "Google"}, {"id": "github", "name": "GitHub"}]


async def test_a_provider_that_is_away_is_a_clean_error(
    client: httpx.AsyncClient, environment: Callable[..., None]
) -> None:
    environment(OIDC_ISSUER=f"http://127.0.0.1:{free_port()}", OIDC_CLIENT_ID="x")
    answer = await client.get(f"{API}/auth/oidc/oidc")
    assert answer.status_code == 502
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_configuration_of_another_issuer_is_refused(
    client: httpx.AsyncClient, provider: OidcProvider, environment: Callable[..., None]
) -> None:
    environment(OIDC_ISSUER=f"{provider.issuer}/", OIDC_CLIENT_ID="x")
    assert (await client.get(f"{API}/auth/oidc/oidc")).status_code == 502


class GitHub(BaseHTTPRequestHandler):
    """GitHub as far as a login asks it: https://docs.github.com/en/rest/users"""

    emails: ClassVar[Any] = ()

    def do_POST(self) -> None:
        self.answer({"access_token": "gho_x", "token_type": "bearer", "scope": "user:email"})

    def do_GET(self) -> None:
        assert self.headers["Authorization"] == "Bearer gho_x"
        me = {"id": 7, "login": "ann", "name": None, "email": "public@example.com"}
        self.answer(self.emails if self.path.endswith("/emails") else me)

    def answer(self, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def github(environment: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), GitHub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setitem(social_client.GITHUB, "token_endpoint", f"{base}/token")
    monkeypatch.setitem(social_client.GITHUB, "userinfo_endpoint", f"{base}/user")
    environment(GITHUB_CLIENT_ID="x", GITHUB_CLIENT_SECRET="y")
    yield
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("emails", "email"),
    [
        ([("a@example.com", False, True), ("b@example.com", True, True)], "b@example.com"),
        ([("a@example.com", True, False), ("b@example.com", False, True)], "b@example.com"),
        ([("a@example.com", True, False)], None),
        ([], None),
    ],
)
async def test_github_is_believed_about_verified_addresses_alone(
    client: httpx.AsyncClient,
    github: None,
    database: Database,
    emails: list[tuple[str, bool, bool]],
    email: str | None,
) -> None:
    GitHub.emails = [
        {"email": address, "primary": primary, "verified": verified}
        for address, primary, verified in emails
    ]
    answer = await client.get(f"{API}/auth/oidc/github")
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert answer.headers["Location"].startswith("https://github.com/login/oauth/authorize?")
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == [f"{OURS}{API}/auth/oidc/github/callback"]
    callback = {"state": query["state"][0], "code": "x"}
    end = await client.get(f"{API}/auth/oidc/github/callback", params=callback)
    if email is None:
        assert error_at(end.headers["Location"]) == "provider-email-unverified"
        return
    assert error_at(end.headers["Location"]) == ""
    assert (await client.get(f"{API}/me")).json()["email"] == email
    row = database.execute("SELECT provider, uid FROM socialaccount_socialaccount").fetchone()
    assert row == {"provider": "github", "uid": "7"}
