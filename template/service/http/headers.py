"""Security headers on every answer, and answers only to the names we have.

What each header does: the OWASP HTTP Headers Cheat Sheet.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.env import get_settings
from service.http.problems import Problem, respond

# For answers that are data. Pages bring a policy of their own.
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

HEADERS = {
    "Content-Security-Policy": DATA_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Most answers are somebody's own; what may be kept says so itself.
    "Cache-Control": "no-store",
}
TRANSPORT = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


class SecurityHeaders:
    """Adds each header that the route did not set."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        headers = HEADERS | (TRANSPORT if get_settings().is_production else {})
        # As they go over the wire: on every answer, so made once.
        self.headers = [(name.lower().encode(), text.encode()) for name, text in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = list(message.get("headers", ()))
                names = {name for name, _ in said}
                said += [header for header in self.headers if header[0] not in names]
                message["headers"] = said
            await send(message)

        await self.app(scope, receive, send_with_headers)


class KnownHost:
    """Refuses requests for another host name: links in mails and redirects rest on the name."""

    # Load balancers and orchestrators ask these by address.
    probes = ("/healthz", "/readyz")

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        settings = get_settings()
        self.scheme = settings.origin.partition("://")[0]
        self.hosts = {settings.host}
        if not settings.is_production:
            self.hosts |= {"localhost", "127.0.0.1", "[::1]"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"] in self.probes:
            await self.app(scope, receive, send)
            return
        name, _, port = Headers(scope=scope).get("host", "").lower().rpartition(":")
        host = name if name and port.isdigit() else f"{name}:{port}" if name else port
        if host in self.hosts:
            # A proxy may end TLS in front of us, but addresses are as people see them.
            await self.app({**scope, "scheme": self.scheme}, receive, send)
            return
        problem = Problem(400, "unknown-host", "This host name is not served here")
        await respond(problem)(scope, receive, send)
