"""What the provider remembers and checks; the pages around it are in `pages.py`."""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

# The one client that is known here. Nothing is behind it, so its secret is none.
CLIENT_ID = "sandbox"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105
KEY_ID = "sandbox-key"
CODE_LIVES = 60.0  # seconds
TOKEN_LIVES = 3600  # seconds
# What stands in an id token and not in the answer about a person.
OF_THE_TOKEN = frozenset({"iss", "aud", "exp", "iat", "nonce"})


class ProtocolError(Exception):
    """The client did something wrong; `code` is what the specification calls it."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code


@dataclass(frozen=True)
class Grant:
    """What a person allowed, until the client fetches it by the code."""

    redirect_uri: str
    nonce: str
    challenge: str
    claims: Mapping[str, Any]
    made_at: float = field(default_factory=time.monotonic)


class Provider:
    """Codes, tokens and the key that signs them; all forgotten when the process ends."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._grants: dict[str, Grant] = {}
        self._people: dict[str, Mapping[str, Any]] = {}

    def keys(self) -> dict[str, Any]:
        """The public key, as a JSON Web Key Set."""
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": KEY_ID, "alg": "RS256", "use": "sig"}]}

    def allow(self, query: Mapping[str, str], claims: Mapping[str, Any]) -> str:
        """Remember what the person allowed; answers the code for the client."""
        code = secrets.token_urlsafe(24)
        self._grants[code] = Grant(
            redirect_uri=query["redirect_uri"],
            nonce=query.get("nonce", ""),
            challenge=query.get("code_challenge", ""),
            claims=claims,
        )
        return code

    def exchange(self, issuer: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The tokens for a code, once; raises `ProtocolError`."""
        if form.get("grant_type") != "authorization_code":
            raise ProtocolError("unsupported_grant_type", "only authorization_code is known")
        grant = self._grants.pop(form.get("code", ""), None)
        if grant is None or grant.made_at < time.monotonic() - CODE_LIVES:
            raise ProtocolError("invalid_grant", "the code is unknown, used or too old")
        if form.get("redirect_uri") != grant.redirect_uri:
            raise ProtocolError("invalid_grant", "redirect_uri is not the one of the request")
        if challenge_of(form.get("code_verifier", "")) != grant.challenge:
            raise ProtocolError("invalid_grant", "code_verifier does not fit code_challenge")
        access_token = secrets.token_urlsafe(24)
        self._people[access_token] = {
            name: value for name, value in grant.claims.items() if name not in OF_THE_TOKEN
        }
        now = int(time.time())
        claims = {"iss": issuer, "aud": CLIENT_ID, "iat": now, "exp": now + TOKEN_LIVES}
        if grant.nonce:
            claims["nonce"] = grant.nonce
        id_token = jwt.encode(
            {**claims, **grant.claims}, self._key, algorithm="RS256", headers={"kid": KEY_ID}
        )
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIVES,
            "id_token": id_token,
        }

    def person(self, access_token: str) -> Mapping[str, Any] | None:
        """What is known of the person whom this token was made for."""
        return self._people.get(access_token)


def check_request(query: Mapping[str, str]) -> None:
    """Raise `ProtocolError` for a request of the client that a strict provider would refuse."""
    if query.get("response_type") != "code":
        raise ProtocolError("unsupported_response_type", "response_type must be code")
    if "openid" not in query.get("scope", "").split():
        raise ProtocolError("invalid_scope", "scope must hold openid")
    if not query.get("code_challenge") or query.get("code_challenge_method") != "S256":
        raise ProtocolError("invalid_request", "PKCE with S256 is required")


def check_client(client_id: str, client_secret: str) -> None:
    """Raise `ProtocolError` unless it is the client that is known here."""
    if (client_id, client_secret) != (CLIENT_ID, CLIENT_SECRET):
        raise ProtocolError("invalid_client", "the client or its secret is unknown")


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def subject_of(email: str) -> str:
    """The same person here has the same subject at every login."""
    return hashlib.sha256(email.lower().encode()).hexdigest()[:20]
