"""Who is at the other end of the connection."""

from starlette.datastructures import Headers
from starlette.types import Scope

from core.env import get_settings
from core.network import unmapped


def client_ip(scope: Scope) -> str | None:
    """The address of the client, behind as many proxies as the settings say we run.

    Each of our proxies appends the address it saw to `X-Forwarded-For`, so only that many entries,
    counted from the right, can be believed; what stands left of them the client may have invented.
    """
    trusted = get_settings().trusted_proxy_count
    if trusted:
        forwarded = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
        if len(forwarded) >= trusted and (address := valid(forwarded[-trusted])):
            return address
    client = scope.get("client")
    return valid(client[0]) if client else None


def valid(address: str) -> str | None:
    """The address in its canonical form, or None when it is not one."""
    try:
        # What listens on both sees IPv4 clients as IPv6; in one /64 they would share their limits.
        return unmapped(address.strip())
    except ValueError:
        return None
