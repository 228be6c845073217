"""What counts as one client where attempts are limited."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address


@lru_cache(maxsize=1024)
def unmapped(client: str) -> str:
    """The address; of an IPv4 address that is written as one of IPv6, the IPv4 address.

    Raises `ValueError` for what is no address.
    """
    address = ip_address(client)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def network_of(client: str | None) -> str:
    """What counts as one client: an IPv4 address, or the /64 network that an IPv6 user owns."""
    if client is None:
        return "unknown"
    address = ip_address(unmapped(client))
    return address.exploded[:19] if isinstance(address, IPv6Address) else str(address)
