"""The provider in a thread of the test run.

    with oidc_in_thread() as provider:
        settings.oidc_issuer = provider.issuer  # with provider.client_id and .client_secret
        address = ...                           # where the product sends the browser
        callback = provider.log_in(address, email="ann@example.com", email_verified=False)
        client.get(callback)                    # what the browser does next

A real HTTP server: the product fetches its keys and tokens over the network. PKCE (S256) is
required of the product; a nonce is put into the id token, and any claim can be made false to see
that the product notices: `provider.log_in(address, email=..., nonce="another")`.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from sandbox.in_thread import serving
from sandbox.oidc.pages import OFFER, PATH, PROVIDER
from sandbox.oidc.provider import CLIENT_ID, CLIENT_SECRET, Provider
from sandbox.plain import NO_TLS
from sandbox.ports import free_port
from sandbox.site import offer_pages


@dataclass(frozen=True)
class OidcProvider:
    """A running provider."""

    issuer: str
    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET

    def log_in(
        self,
        address: str,
        *,
        email: str,
        email_verified: object = True,
        name: str = "",
        **claims: Any,
    ) -> str:
        """Do what a person does on the page at `address`; answers where that leads back to.

        `claims` go into the id token and the answer of userinfo, in place of true ones; they and
        `email_verified` may be what no honest provider sends.
        """
        claims = {"email_verified": email_verified, **claims}
        form = {"email": email, "name": name, "claims": json.dumps(claims)}
        return self._answer(address, form)

    def refuse(self, address: str) -> str:
        """Refuse on the page at `address`; answers where that leads back to."""
        return self._answer(address, {"answer": "refuse"})

    def _answer(self, address: str, form: dict[str, str]) -> str:
        parts = urlsplit(self.issuer)
        headers = {"Origin": f"{parts.scheme}://{parts.netloc}"}
        page = httpx.get(address, verify=NO_TLS)
        if page.status_code == httpx.codes.OK:
            page = httpx.post(address, data=form, headers=headers, verify=NO_TLS)
        if page.status_code != httpx.codes.SEE_OTHER:
            raise AssertionError(f"the provider answers {page.status_code}: {page.text}")
        return page.headers["Location"]


@contextlib.contextmanager
def oidc_in_thread() -> Iterator[OidcProvider]:
    """A provider on a free port of this machine, until the block ends."""
    port = free_port()
    pages = offer_pages(OFFER)
    pages[PROVIDER] = Provider()
    with serving(pages, port):
        yield OidcProvider(issuer=f"http://127.0.0.1:{port}{PATH}")
