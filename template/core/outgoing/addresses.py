"""Which addresses a webhook may have: what is public, and never a place inside our own network.

What an address says is checked when it is written down, for a clear message. What counts is
`is_public`, which `core.outgoing.client` asks of the very address that it connects to.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from pydantic import ValidationError
from pydantic_core import Url

LONGEST = 2000
# Where the lowest ports are, other protocols listen.
PORTS = frozenset({443, *range(1024, 65536)})
LOCAL_NAMES = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".intranet")

IpAddress = IPv4Address | IPv6Address

# What `is_global` takes for global in one version of Python or another, and what stands for an
# address of IPv4 behind a gateway of ours.
NOT_PUBLIC = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carriers, and the metadata of a cloud
        "168.63.129.16/32",  # a cloud's own services, in every one of its networks
        "192.0.0.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "198.18.0.0/15",
        "224.0.0.0/3",  # multicast, reserved and broadcast
        "::/3",  # unspecified, loopback, IPv4 that is mapped, translated (NAT64) or compatible
        "2001::/23",  # Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
        "4000::/2",  # not handed out
        "8000::/1",  # not handed out, private, link-local, site-local and multicast
    )
)


class RefusedAddress(ValueError):
    """Webhooks do not go there; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address, taken apart: the host as it is looked up, and the path with the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """What the request calls the host."""
        usual = {"https": 443, "http": 80}[self.scheme]
        return self.name if self.port == usual else f"{self.name}:{self.port}"

    @property
    def name(self) -> str:
        """The host as an address has it: those of IPv6 stand in brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host


def is_public(address: IpAddress) -> bool:
    """Whether everybody in the world could be meant by it, and not only we."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return False
    return not any(address in network for network in NOT_PUBLIC)


def may_connect(address: IpAddress, *, allow_local: bool) -> bool:
    """Whether a webhook may go there; `allow_local` adds this machine, for development."""
    return is_public(address) or (allow_local and address.is_loopback)


def parse(text: str, *, allow_local: bool) -> Target:
    """Take an address apart as browsers do; raises `RefusedAddress` where none may lead.

    `allow_local` is for development: this machine, and http.
    """
    if len(text) > LONGEST:
        raise RefusedAddress(f"An address has at most {LONGEST} characters.")
    try:
        url = Url(text)
    except (ValueError, ValidationError):
        raise RefusedAddress("This is not an address such as https://example.com/hook.") from None
    schemes = ("https", "http") if allow_local else ("https",)
    if url.scheme not in schemes or not url.host:
        raise RefusedAddress("The address has to begin with https://.")
    if url.username is not None or url.password is not None:
        raise RefusedAddress("The address must not hold a user name or a password.")
    port = url.port or 0
    if port not in PORTS and not allow_local:
        raise RefusedAddress("The port has to be 443, or one from 1024 on.")
    host = url.host.removeprefix("[").removesuffix("]").removesuffix(".")
    check_host(host, allow_local=allow_local)
    path = url.path or "/"
    return Target(url.scheme, host, port, f"{path}?{url.query}" if url.query else path)


def check_host(host: str, *, allow_local: bool) -> None:
    """Refuse what can be refused without looking it up; raises `RefusedAddress`."""
    if not all(host.split(".")):
        raise RefusedAddress("The host has nothing between two of its dots.")
    try:
        address = ip_address(host)
    except ValueError:
        is_local = "." not in host or host.endswith(LOCAL_NAMES)
        if is_local and not (allow_local and (host == "localhost" or host.endswith(".localhost"))):
            raise RefusedAddress("The host has to be one that everybody can reach.") from None
        return
    if not may_connect(address, allow_local=allow_local):
        raise RefusedAddress("The host has to be one that everybody can reach.")


def normal(text: str, *, allow_local: bool) -> str:
    """The address as it is stored: the host in letters of ASCII, and no fragment.

    Raises `RefusedAddress`.
    """
    target = parse(text.strip(), allow_local=allow_local)
    address = f"{target.scheme}://{target.host_header}{target.path}"
    if len(address) > LONGEST:
        raise RefusedAddress(f"An address has at most {LONGEST} characters.")
    return address
