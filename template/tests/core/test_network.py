"""Who counts as one client."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.network import network_of, unmapped


@given(st.ip_addresses(v=4))
def test_each_ipv4_address_is_one_client_however_it_is_written(address: IPv4Address) -> None:
    assert network_of(str(address)) == network_of(f"::ffff:{address}") == str(address)
    assert unmapped(f"::ffff:{address}") == str(address)


@given(st.ip_addresses(v=6, network="2000::/3"), st.integers(0, 2**64 - 1))
def test_all_addresses_of_one_ipv6_network_are_one_client(address: IPv6Address, other: int) -> None:
    neighbour = IPv6Address(int(address) >> 64 << 64 | other)
    assert network_of(str(address)) == network_of(str(neighbour))
    stranger = ip_address(int(address) ^ 1 << 64)
    assert network_of(str(address)) != network_of(str(stranger))
    assert unmapped(str(address)) == str(address)


def test_no_address_is_one_client_and_nonsense_is_refused() -> None:
    assert network_of(None) == "unknown"
    with pytest.raises(ValueError, match="nonsense"):
        network_of("nonsense")
