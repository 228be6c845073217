"""Talking to a provider: where to send the browser, and who comes back.

OpenID Connect Core 1.0, section 3.1, with PKCE (RFC 7636), by Authlib:
https://docs.authlib.org/en/latest/client/httpx.html
"""

from dataclasses import dataclass, field
from typing import Any

import httpx2
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from core.problems import Problem
from core.providers import OIDC
from service.accounts.social.providers import Provider

log = structlog.get_logger(__name__)

TIMEOUT = 10.0  # seconds
LEEWAY = 60  # seconds that clocks may differ
# Signatures alone: with an HMAC, whoever knows the client secret could write tokens.
ALGORITHMS = ["RS256", "PS256", "ES256", "RS384", "ES384", "RS512", "ES512", "EdDSA"]

GITHUB = {
    "authorization_endpoint": "https://github.com/login/oauth/authorize",
    "token_endpoint": "https://github.com/login/oauth/access_token",
    "userinfo_endpoint": "https://api.github.com/user",
}

Json = dict[str, Any]


@dataclass(frozen=True)
class Identity:
    """Who a provider says it is. `email` is None unless the provider has verified it."""

    provider: str
    uid: str
    email: str | None
    name: str
    # As django-allauth stores it.
    extra: Json = field(default_factory=dict)


class Conversation:
    """One login at one provider. Raises `Problem` when the provider fails or lies."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.client = AsyncOAuth2Client(
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            scope=provider.scope,
            redirect_uri=provider.callback,
            code_challenge_method="S256",
            timeout=TIMEOUT,
            # None of its answers leads elsewhere.
            follow_redirects=False,
        )

    async def __aenter__(self) -> "Conversation":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def start(self, *, state: str, nonce: str, verifier: str) -> str:
        """The address at the provider to send the browser to."""
        with refusing(self.provider):
            addresses = await self._addresses()
            extra = {"nonce": nonce} if self.provider.issuer else {}
            url, _ = self.client.create_authorization_url(
                addresses["authorization_endpoint"], state=state, code_verifier=verifier, **extra
            )
            return str(url)

    async def finish(self, *, code: str, nonce: str, verifier: str) -> Identity:
        """Who came back with this code."""
        with refusing(self.provider):
            addresses = await self._addresses()
            token = await self.client.fetch_token(
                addresses["token_endpoint"], code=code, code_verifier=verifier
            )
            if self.provider.issuer:
                return self._identity(await self.checked_claims(addresses, token, nonce))
            return await self._github_identity(addresses)

    async def _addresses(self) -> Json:
        """Where everything is (OpenID Connect Discovery 1.0, section 4)."""
        if not self.provider.issuer:
            return GITHUB
        found = await self._get(
            f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        )
        if not isinstance(found, dict) or found.get("issuer") != self.provider.issuer:
            raise ValueError("the configuration is another issuer's")
        return found

    async def checked_claims(self, addresses: Json, token: Json, nonce: str) -> Json:
        """What the id token says, once all of it is checked (Core, section 3.1.3.7)."""
        keys = KeySet.import_key_set(await self._get(addresses["jwks_uri"]))
        decoded = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": self.provider.issuer},
                "aud": {"essential": True, "value": self.provider.client_id},
            },
            params={
                "nonce": nonce,
                "client_id": self.provider.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(leeway=LEEWAY)
        return dict(decoded.claims)

    def _identity(self, claims: Json) -> Identity:
        """The person behind checked claims."""
        # Some providers send a text, and "false" must not be taken for true.
        verified = claims.get("email_verified") in (True, "true")
        stored = claims if self.provider.id != OIDC else {"id_token": claims}
        uid = text(claims["sub"])
        if not uid:
            raise ValueError("nobody")
        return Identity(
            self.provider.id,
            uid,
            address(claims.get("email")) if verified else None,
            text(claims.get("name") or "")[:150],
            stored,
        )

    async def _github_identity(self, addresses: Json) -> Identity:
        """The person behind the access token, with the primary address that GitHub verified."""
        user = await self._get(addresses["userinfo_endpoint"], signed=True)
        emails = await self._get(f"{addresses['userinfo_endpoint']}/emails", signed=True)
        verified = [one for one in emails if one["verified"] is True]
        verified.sort(key=lambda one: one["primary"] is not True)
        name = text(user.get("name") or user["login"])[:150]
        email = address(verified[0]["email"]) if verified else None
        return Identity(self.provider.id, str(int(user["id"])), email, name, user)

    async def _get(self, url: str, *, signed: bool = False) -> Any:
        """The JSON at an address, with the access token or without."""
        headers = {"Accept": "application/json"}
        answer = await self.client.request("GET", url, withhold_token=not signed, headers=headers)
        answer.raise_for_status()
        return answer.json()


class refusing:  # noqa: N801  reads as a statement
    """Whatever goes wrong with a provider ends the login, and says no more than that."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        known = (OAuthError, JoseError, httpx2.HTTPError, httpx2.InvalidURL)
        malformed = (ValueError, KeyError, TypeError, AttributeError, IndexError)
        if isinstance(error, known + malformed):
            log.warning(
                "login by provider failed", provider=self.provider.id, error=repr(error)[:200]
            )
            raise Problem(
                502, "provider-failed", f"{self.provider.name} did not say who you are"
            ) from error


def text(value: object) -> str:
    """A text that is one, without what no database or page takes."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise TypeError("not a text")
    return "".join(letter if letter.isprintable() else " " for letter in str(value)).strip()


def address(value: object) -> str | None:
    """An address, as we store it."""
    email = text(value).strip().lower() if value else ""
    return email if "@" in email and len(email) <= 254 else None
