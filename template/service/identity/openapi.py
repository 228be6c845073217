"""What the OpenAPI document says of the cookie, which is as good as a token.

FastAPI describes the token, where a dependency asks for it; one for the cookie besides would cost
each request without being of use to it.
"""

from typing import Any

from core.api.openapi import SECURITY
from service.identity.cookie import NAME

COOKIE = {
    "type": "apiKey",
    "description": (
        "The session of a browser that logged in with `cookie`. Requests that change"
        f" something must come from our own pages. Without TLS its name is `{NAME}`."
    ),
    "in": "cookie",
    "name": f"__Host-{NAME}",
}


def describe_cookie(document: dict[str, Any]) -> None:
    """Name the cookie wherever the token is named."""
    components = document.get("components", {})
    if "token" in (schemes := components.get("securitySchemes", {})):
        schemes["cookie"] = COOKIE
    for path in document["paths"].values():
        for operation in path.values():
            if operation.get("security") == SECURITY[:1]:
                operation["security"] = SECURITY
