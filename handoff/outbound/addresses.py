"""Which addresses the service may call: global unicast, judged by rule and never by spelling.

Names and odd spellings (`127.1`, `0x7f.1`, `2130706433`) do not matter here: what a name resolved
to is judged, and that same address is then connected to.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

GLOBAL_UNICAST_6 = IPv6Network("2000::/3")
"""All that IANA gives out for the public internet. Outside lie loopback, link-local, unique and
site-local, multicast, v4-mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96) and the discard prefix."""

SPECIAL_6 = (
    IPv6Network("2001::/23"),  # protocol assignments: Teredo, ORCHID, benchmarking
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("2002::/16"),  # 6to4 carries any IPv4 address, private ones too
    IPv6Network("3fff::/20"),  # documentation
)

SPECIAL_4 = (
    IPv4Network("100.64.0.0/10"),  # carrier-grade NAT; some clouds keep metadata here
    IPv4Network("168.63.129.16/32"),  # Azure's host, public by number only
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
)


def is_public(address: Address) -> bool:
    """Tell whether the address is global unicast with nothing special inside."""
    if isinstance(address, IPv6Address):
        return address in GLOBAL_UNICAST_6 and not any(address in net for net in SPECIAL_6)
    if any(address in net for net in SPECIAL_4):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


PRIVATE = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("fc00::/7"),
)
"""Where a house's own servers are; clouds' metadata is not among them."""


def may_call(
    address: Address,
    port: int,
    *,
    ports: frozenset[int],
    allow_loopback: bool,
    allow_private: bool = False,
) -> bool:
    """Tell whether the service may connect there; loopback and private ones on any port."""
    if allow_loopback and address.is_loopback:
        return True
    if allow_private and any(address in network for network in PRIVATE):
        return True
    return is_public(address) and port in ports


def names_loopback(host: str) -> bool:
    """Tell whether a URL's host says outright that it is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
