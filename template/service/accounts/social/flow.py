"""From the first redirect to the last: what is kept meanwhile, and what it is bound to.

The state is bound to the browser by a cookie, so nobody finishes a login that they did not start.
"""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from core.env import get_settings
from core.tokens import digest, new_token
from service.accounts.challenges import Challenges
from service.accounts.social.client import Conversation
from service.accounts.social.providers import Provider, providers
from service.http.problems import Problem
from service.identity.cookie import is_secure

STATE, EXCHANGE = "oidc-state", "oidc-exchange"
STATE_LIFETIME = timedelta(minutes=15)
EXCHANGE_LIFETIME = timedelta(minutes=2)
BROWSER = "oidc_browser"

# A path of our own origin: it is always put behind the origin's name.
RedirectTo = Annotated[
    str,
    Query(
        pattern=r"^/[^\\#\x00-\x20\x7f]*$",
        max_length=500,
        description="Where to go afterwards: a path of this origin.",
    ),
]
CodeChallenge = Annotated[
    str,
    Query(
        pattern=r"^([\w-]{43})?$",
        description="For programs: end with a code to exchange for a token, bound to this S256"
        " challenge (RFC 7636), and not with a cookie.",
        examples=["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
    ),
]


@dataclass(frozen=True)
class Pending:
    """What a login was started with."""

    provider: str
    nonce: str
    verifier: str
    redirect_to: str
    code_challenge: str
    user_id: int


def provider_of(provider_id: str) -> Provider:
    """A provider that is set up; raises 404."""
    found = providers().get(provider_id)
    if found is None:
        raise Problem(404, "not-found", "There is no such provider")
    return found


async def start(
    request: Request,
    response: Response,
    challenges: Challenges,
    provider: Provider,
    *,
    redirect_to: str,
    code_challenge: str = "",
    user_id: int = 0,
) -> str:
    """The address at the provider; remembers the login and sets the cookie of the browser."""
    browser = browser_of(request) or secrets.token_urlsafe(32)
    state, nonce, verifier = new_token(STATE), secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    async with Conversation(provider) as conversation:
        url = await conversation.start(state=state, nonce=nonce, verifier=verifier)
    content: dict[str, Any] = {
        "browser": digest(browser),
        "provider": provider.id,
        "nonce": nonce,
        "verifier": verifier,
        "redirect_to": redirect_to,
        "code_challenge": code_challenge,
        "user_id": user_id,
    }
    await challenges.keep(STATE, state, content, STATE_LIFETIME)
    response.set_cookie(
        browser_cookie(),
        browser,
        max_age=int(STATE_LIFETIME.total_seconds()),
        secure=is_secure(),
        httponly=True,
        # It comes along when the provider sends the browser back.
        samesite="lax",
    )
    return url


async def pending(
    request: Request, challenges: Challenges, provider: Provider, state: str
) -> Pending:
    """What this browser started, used up now; raises 400."""
    content = await challenges.take(STATE, state) if state else None
    browser = browser_of(request)
    if content is None or browser is None or content["provider"] != provider.id:
        raise bad_state()
    if not secrets.compare_digest(content.pop("browser"), digest(browser)):
        raise bad_state()
    return Pending(**content)


def bad_state() -> Problem:
    """The same answer for a forged, used and expired state, and for another browser's."""
    return Problem(
        400, "bad-state", "This login was not started here", "Or it took too long: start again."
    )


def browser_cookie() -> str:
    """The name of the cookie that tells which browser started a login."""
    return f"__Host-{BROWSER}" if is_secure() else BROWSER


def browser_of(request: Request) -> str | None:
    """What the browser was given when it started, if it looks like that."""
    found = request.cookies.get(browser_cookie(), "")
    return found if re.fullmatch(r"[\w-]{43}", found) else None


def landing(redirect_to: str, **fragment: str) -> str:
    """The address on our origin; what scripts there shall know is in the fragment.

    No server sees a fragment, so no log holds it.
    """
    address = f"{get_settings().origin}{redirect_to}"
    return f"{address}#{urlencode(fragment)}" if fragment else address


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636, section 4.2)."""
    hashed = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
