"""Which IP addresses may be dialled. Pure.

``ipaddress.is_global`` of the supported Python versions says yes to embedded loopback, site-local and multicast
addresses, so the rule here is our own: IPv4 minus the IANA special-purpose registry (RFC 6890), IPv6 only
2000::/3 minus its special blocks, and the IPv4 address inside a mapped or NAT64 address is what counts.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

HIGHEST_PORT = 65_535
_V4_REFUSED = tuple(
    IPv4Network(one)
    for one in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers; one cloud's metadata service
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's control address that looks public
        "169.254.0.0/16",  # link-local, most clouds' metadata service
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments, one cloud's metadata service
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_V6_UNICAST = IPv6Network("2000::/3")
_V6_REFUSED = tuple(
    IPv6Network(one)
    for one in (
        "2001::/23",  # protocol assignments, among them Teredo
        "2001:db8::/32",
        "2002::/16",  # 6to4 hides an IPv4 address; deprecated by RFC 7526
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052, 2.1: the last 32 bits are the IPv4 address


def unwrap(address: Address) -> Address:
    """Return the IPv4 address inside an IPv4-mapped or NAT64 address, else ``address``."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether ``address`` belongs to a host of the public Internet."""
    if isinstance(address, IPv6Address) and address.scope_id:
        return False
    real = unwrap(address)
    if isinstance(real, IPv4Address):
        return not any(real in block for block in _V4_REFUSED)
    return real in _V6_UNICAST and not any(real in block for block in _V6_REFUSED)


@dataclass(frozen=True, slots=True)
class Exemption:
    """One private place that may be dialled all the same: a host name or a network, on ``port`` (0: any)."""

    host: str = ""
    network: IPv4Network | IPv6Network | None = None
    port: int = 0

    def covers(self, host: str, address: Address, port: int) -> bool:
        """Whether dialling ``address`` and ``port`` for ``host`` is exempt."""
        if self.port not in (0, port):
            return False
        if self.network is not None:
            return address in self.network
        return self.host == host.lower()


def exemptions(allow: Collection[str]) -> tuple[Exemption, ...]:
    """Read ``host``, ``host:port``, an address, ``address:port``, ``[v6]:port`` or a network in CIDR notation.

    Raises ``ValueError`` naming the entry that is none of these.
    """
    return tuple(_exemption(one.strip().lower()) for one in allow)


def _exemption(text: str) -> Exemption:
    try:
        return Exemption(network=ip_network(text))
    except ValueError:
        host, colon, port = text.rpartition(":")
    if not colon:
        host, port = text, "0"
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdecimal() or int(port) > HIGHEST_PORT or set(host) & set("/@ "):
        raise ValueError(f"not a host, host:port or network: {text!r}")
    try:
        return Exemption(network=ip_network(host), port=int(port))
    except ValueError:
        return Exemption(host=host, port=int(port))


def refused(host: str, port: int, found: Collection[str], exempt: Collection[Exemption]) -> str:
    """Return the first of the addresses ``found`` for ``host`` that may not be dialled, or an empty string.

    One bad address refuses the host: who mixes a private address among public ones tries something.
    """
    for text in found:
        try:
            address = ip_address(text)
        except ValueError:
            return text
        if not is_public(address) and not any(one.covers(host, unwrap(address), port) for one in exempt):
            return text
    return ""
