"""No address that a webhook may have leads into a network of ours."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.outgoing.addresses import RefusedAddress, is_public, normal, parse

INSIDE = tuple(
    ip_network(each)
    for each in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4"),
        *("240.0.0.0/4", "::/128", "::1/128", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
)
# Ways to write an address of IPv4 as one of IPv6: mapped, compatible, NAT64, 6to4 and Teredo.
WRAPPED = (
    lambda number: 0xFFFF << 32 | number,
    lambda number: number,
    lambda number: 0x64FF9B << 96 | number,
    lambda number: 0x64FF9B0001 << 80 | number,
    lambda number: 0x2002 << 112 | number << 80,
    lambda number: 0x20010000 << 96 | (number ^ 0xFFFFFFFF),
)


def addresses_in(network: str) -> st.SearchStrategy[IPv4Address | IPv6Address]:
    """Any address of a network."""
    return st.ip_addresses(network=network)


@given(st.sampled_from([str(each) for each in INSIDE]).flatmap(addresses_in))
def test_nothing_inside_is_public(address: IPv4Address | IPv6Address) -> None:
    assert not is_public(address)
    host = f"[{address}]" if address.version == 6 else str(address)
    with pytest.raises(RefusedAddress):
        parse(f"https://{host}/", allow_local=False)


@given(st.ip_addresses(v=4), st.sampled_from(WRAPPED))
@example(IPv4Address("93.184.216.34"), WRAPPED[0])
def test_an_address_in_the_clothes_of_another_is_not_public(address, wrap) -> None:  # type: ignore[no-untyped-def]
    assert not is_public(IPv6Address(wrap(int(address))))


@given(st.ip_addresses())
def test_whatever_is_public_is_global(address: IPv4Address | IPv6Address) -> None:
    if is_public(address):
        assert address.is_global
        assert not any(address in network for network in INSIDE)


@pytest.mark.parametrize(
    "public", ["93.184.216.34", "1.1.1.1", "8.8.8.8", "2606:4700::1111", "2a00:1450::1"]
)
def test_what_everybody_can_reach_is_public(public: str) -> None:
    assert is_public(ip_address(public))


@given(st.integers(0, 2**32 - 1), st.sampled_from(["{}", "0x{:x}", "0{:o}"]))
def test_numbers_are_read_as_addresses(number: int, form: str) -> None:
    host = form.format(number)
    try:
        target = parse(f"https://{host}/", allow_local=False)
    except RefusedAddress:
        return
    assert is_public(ip_address(target.host))


@given(st.text("./:@#?[]%\\0127abx-①", max_size=25).map("https://{}".format))
@example("https://example.com\\@127.0.0.1/")
@example("https://example.com#@127.0.0.1/")
@example("https://127.0.0.1%2f@example.com/")
@example("https://①②⑦.0.0.1/")
@example("https://localhost./")
@example("https://.0../")
@example("https:127.0.0.1")
@example("https://example.com:443@10.0.0.1/")
def test_whatever_is_taken_is_taken_again_as_the_same(text: str) -> None:
    try:
        stored = normal(text, allow_local=False)
    except RefusedAddress:
        return
    assert normal(stored, allow_local=False) == stored
    assert stored.isascii()
    assert stored.startswith("https://")
    host = parse(stored, allow_local=False).host
    assert "." in host or is_public(ip_address(host))


@pytest.mark.parametrize(
    "refused",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://",
        "https://user@example.com/",
        "https://user:word@example.com/",
        "https://example.com:22/",
        "https://example.com:80/",
        "https://localhost/",
        "https://localhost.localdomain.internal/",
        "https://printer.local/",
        "https://intranet/",
        "https://168.63.129.16/",
        "https://[fe80::1%25eth0]/",
        "javascript:alert(1)",
        "example.com",
        "https://example.com/" + "a" * 2000,
    ],
)
def test_what_no_webhook_may_have(refused: str) -> None:
    with pytest.raises(RefusedAddress):
        normal(refused, allow_local=False)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        (" https://EXAMPLE.com ", "https://example.com/"),
        ("https://example.com:443/a b?c=d#e", "https://example.com/a%20b?c=d"),
        ("https://example.com:8443/x", "https://example.com:8443/x"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("https://[2606:4700:0::1111]:8443/", "https://[2606:4700::1111]:8443/"),
    ],
)
def test_how_an_address_is_stored(text: str, stored: str) -> None:
    assert normal(text, allow_local=False) == stored


def test_development_may_have_this_machine_and_nothing_else() -> None:
    for local in ("http://localhost:8000/x", "http://127.0.0.1:80/", "https://a.localhost/"):
        assert normal(local, allow_local=True)
    for refused in ("http://10.0.0.1/", "http://169.254.169.254/", "http://intranet/"):
        with pytest.raises(RefusedAddress):
            normal(refused, allow_local=True)
