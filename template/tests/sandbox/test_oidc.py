"""The identity provider tells the truth to those who ask properly, and nothing to others."""

import base64
import hashlib
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest

from sandbox.oidc.thread import OidcProvider, oidc_in_thread

CALLBACK = "http://testserver/callback"


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with oidc_in_thread() as provider:
        yield provider


class Client:
    """A client that does everything right unless told otherwise."""

    def __init__(self, provider: OidcProvider) -> None:
        self.provider = provider
        self.found = httpx.get(f"{provider.issuer}/.well-known/openid-configuration").json()
        self.verifier = secrets.token_urlsafe(48)

    def address(self, **changes: str) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid email",
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **changes,
        }
        return f"{self.found['authorization_endpoint']}?{urlencode(query)}"

    def exchange(self, callback: str, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": query_of(callback)["code"],
            "redirect_uri": CALLBACK,
            "code_verifier": self.verifier,
            "client_id": self.provider.client_id,
            "client_secret": self.provider.client_secret,
            **changes,
        }
        return httpx.post(self.found["token_endpoint"], data=form)

    def claims(self, tokens: dict[str, Any]) -> dict[str, Any]:
        key = jwt.PyJWKClient(self.found["jwks_uri"]).get_signing_key_from_jwt(tokens["id_token"])
        claims: dict[str, Any] = jwt.decode(
            tokens["id_token"],
            key,
            algorithms=["RS256"],
            audience=self.provider.client_id,
            issuer=self.provider.issuer,
        )
        return claims


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.fixture
def client(provider: OidcProvider) -> Client:
    return Client(provider)


@pytest.mark.parametrize("verified", [True, False])
def test_a_person_is_who_they_say_they_are(
    verified: bool, client: Client, provider: OidcProvider
) -> None:
    callback = provider.log_in(
        client.address(), email="ann@example.com", name="Ann", email_verified=verified
    )
    assert query_of(callback)["state"] == "a state"
    tokens = client.exchange(callback).json()
    claims = client.claims(tokens)
    assert claims["nonce"] == "a nonce"
    person = httpx.get(
        client.found["userinfo_endpoint"],
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
    ).json()
    assert person == {
        "sub": claims["sub"],
        "email": "ann@example.com",
        "email_verified": verified,
        "name": "Ann",
    }


def test_a_claim_can_be_made_false(client: Client, provider: OidcProvider) -> None:
    callback = provider.log_in(client.address(), email="ann@example.com", nonce="another")
    assert client.claims(client.exchange(callback).json())["nonce"] == "another"


def test_a_person_can_refuse(client: Client, provider: OidcProvider) -> None:
    answer = query_of(provider.refuse(client.address()))
    assert (answer["error"], answer["state"]) == ("access_denied", "a state")


@pytest.mark.parametrize("missing", ["code_challenge", "scope", "response_type"])
def test_a_careless_request_is_refused(
    missing: str, client: Client, provider: OidcProvider
) -> None:
    callback = provider.log_in(client.address(**{missing: ""}), email="ann@example.com")
    assert "error" in query_of(callback)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"code_verifier": "another"}, 400),
        ({"redirect_uri": "http://testserver/other"}, 400),
        ({"client_secret": "another"}, 401),
    ],
)
def test_a_code_is_worth_nothing_without_what_belongs_to_it(
    wrong: dict[str, str], status: int, client: Client, provider: OidcProvider
) -> None:
    callback = provider.log_in(client.address(), email="ann@example.com")
    assert client.exchange(callback, **wrong).status_code == status


def test_a_code_works_once(client: Client, provider: OidcProvider) -> None:
    callback = provider.log_in(client.address(), email="ann@example.com")
    assert client.exchange(callback).status_code == 200
    assert client.exchange(callback).status_code == 400


def test_another_website_cannot_make_a_browser_fetch_tokens(client: Client) -> None:
    answer = httpx.post(client.found["token_endpoint"], headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
