"""The admin's own content security policy: its inline scripts are each let in by a nonce."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from jinja2 import BaseLoader, Environment
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Two inline handlers of the list page: https://www.w3.org/TR/CSP3/#unsafe-hashes-usage
HANDLERS = ("applyColumnVisibility()", "window.location = this.value")

nonce: ContextVar[str] = ContextVar("admin_csp_nonce", default="")


def csp_nonce() -> str:
    """The nonce of the present answer, for the templates."""
    return nonce.get()


class NonceLoader(BaseLoader):
    """Writes the nonce into the script tags of the templates' source.

    So only scripts that stand in a template get it, never one that came in with the data.
    """

    def __init__(self, loader: BaseLoader) -> None:
        self.loader = loader

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """The source of a template, with the nonce in its script tags."""
        source, filename, uptodate = self.loader.get_source(environment, template)
        return re.sub(r"<script\b", '<script nonce="{{ csp_nonce() }}"', source), filename, uptodate

    def list_templates(self) -> list[str]:
        """The names of the templates."""
        return self.loader.list_templates()


class AdminPolicy:
    """Sends the policy with each answer of the admin, and with it the nonce of its scripts."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fresh = secrets.token_urlsafe(16)
        token = nonce.set(fresh)

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Content-Security-Policy"] = policy(fresh)
            await send(message)

        try:
            await self.app(scope, receive, send_with_policy)
        finally:
            nonce.reset(token)


def policy(fresh: str) -> str:
    """What the admin's pages may load. Their style attributes cannot carry a nonce."""
    hashes = " ".join(f"'sha256-{sha256(handler)}'" for handler in HANDLERS)
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{fresh}' 'unsafe-hashes' {hashes};"
        " style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:;"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def sha256(text: str) -> str:
    """The digest in the form that a policy names it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
