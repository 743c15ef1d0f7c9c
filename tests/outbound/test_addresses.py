"""Which addresses may be called."""

from ipaddress import ip_address

import pytest

from handoff.outbound.addresses import is_public, may_call, names_loopback

PUBLIC = ("93.184.216.34", "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::200e")

CLOSED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1
127.255.255.254 168.63.129.16 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1
192.0.0.9 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1
::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:169.254.169.254 64:ff9b::1 64:ff9b::a9fe:a9fe 64:ff9b:1::1
100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:10::1 2001:20::1 2001:db8::1
2002:7f00:1:: 2002:a9fe:a9fe::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%lo febf::1
fec0::1 ff02::1 ff0e::1 4000::1 e000::1
"""
NOT_PUBLIC = tuple(CLOSED.split())


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address: str) -> None:
    """The internet at large is open."""
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_anything_else_may_not(address: str) -> None:
    """Private, special, mapped, tunnelled, multicast and unassigned addresses are closed."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_the_development_setting_opens_loopback_and_nothing_more(address: str) -> None:
    """With `allow_loopback` only 127/8 and ::1 are added."""
    allowed = may_call(ip_address(address), 443, ports=frozenset({443}), allow_loopback=True)

    assert allowed is (address.startswith("127.") or address == "::1")


def test_a_public_address_is_called_on_listed_ports_only() -> None:
    """Port 22 of a public host is not a webhook."""
    ports = frozenset({443})

    assert may_call(ip_address("8.8.8.8"), 443, ports=ports, allow_loopback=False)
    assert not may_call(ip_address("8.8.8.8"), 22, ports=ports, allow_loopback=False)


@pytest.mark.parametrize(
    ("host", "local"), [("localhost", True), ("::1", True), ("127.0.0.9", True), ("a.test", False)]
)
def test_a_url_that_says_loopback_is_told_from_one_that_does_not(host: str, *, local: bool) -> None:
    """Plain http is for these names only."""
    assert names_loopback(host) is local


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_private_networks_open_to_what_the_operator_named_alone(address: str) -> None:
    """The house's own addresses on any port; never loopback, link-local or a cloud's metadata."""
    allowed = may_call(
        ip_address(address),
        8_000,
        ports=frozenset({443}),
        allow_loopback=False,
        allow_private=True,
    )

    assert allowed is address.startswith(("10.", "172.16.", "172.31.", "192.168.", "fc", "fd"))
