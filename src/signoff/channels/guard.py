"""Where a webhook may be sent: to public addresses, and to those inside that an operator allows.

Whoever enters an endpoint's address must not be able to reach what only this server can reach. So a
name is resolved once, every address it stands for is judged, and the connection goes to one that
was judged: a name that says something else a moment later gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from signoff.errors import InvalidInput

_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_PORTS = {"http": 80, "https": 443}
_RESOLVE_SECONDS = 5.0


class Forbidden(Exception):
    """The address leads where nothing is sent; the text says why, and names no address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An endpoint's address, taken apart, and the one address it is sent to."""

    scheme: str
    host: str
    port: int
    address: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is allowed inside: names, and networks."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def host(self, name: str) -> bool:
        return name in self.hosts

    def address(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self.networks)


def allowed(text: str) -> Allowed:
    """Read ``hooks.internal, 10.1.0.0/16``: names and networks that may be inside.

    :raises InvalidInput: it is no such list.
    """
    hosts, networks = set(), []
    for each in filter(None, (part.strip().lower() for part in text.split(","))):
        try:
            networks.append(ipaddress.ip_network(each))
        except ValueError:
            if not all(letter.isalnum() or letter in ".-" for letter in each):
                message = f"SIGNOFF_WEBHOOK_ALLOW cannot be used: {each!r} is no name or network"
                raise InvalidInput.at("webhook_allow", message) from None
            hosts.add(each)
    return Allowed(frozenset(hosts), tuple(networks))


def require_sound(url: str, inside: Allowed) -> None:
    """Refuse an address that could never be sent to, without resolving it.

    :raises InvalidInput: it is no address of an endpoint.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidInput.at("url", "this is no address") from None
    host = (parts.hostname or "").lower()
    if parts.scheme not in _PORTS or not host or parts.username is not None or parts.fragment:
        message = "write https://HOST/PATH, without a user, a password or a fragment"
        raise InvalidInput.at("url", message)
    if not url.isascii() or not url.isprintable() or port == 0:
        raise InvalidInput.at("url", "an address is printable ASCII; write other names as xn--...")
    literal = _literal(host)
    known = inside.host(host) or (literal is not None and inside.address(literal))
    if parts.scheme == "http" and not known:
        message = "http:// is for targets inside that SIGNOFF_WEBHOOK_ALLOW names; use https://"
        raise InvalidInput.at("url", message)
    if literal is not None and not known and not is_public(literal):
        raise InvalidInput.at("url", "this address is not a public one")


async def resolve(url: str, inside: Allowed) -> Target:
    """Where an endpoint is sent to right now.

    :raises Forbidden: one of its addresses is not public, and not allowed.
    :raises OSError: its name cannot be resolved.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = parts.port or _PORTS[parts.scheme]
    async with asyncio.timeout(_RESOLVE_SECONDS):
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    return Target(
        scheme=parts.scheme, host=host, port=port, address=str(_one_of(addresses, host, inside))
    )


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is a public one, and so is any IPv4 address inside of it.

    RFC 6890's special purpose addresses are not; neither is what maps, translates or tunnels to
    one (RFC 4291 2.5.5.2, RFC 6052, RFC 3056, RFC 4380).
    """
    if isinstance(address, IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return all(is_public(each) for each in inner)
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special


def _inner(address: IPv6Address) -> Sequence[IPv4Address] | None:
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address.sixtofour is not None:
        return [address.sixtofour]
    if address.teredo is not None:
        return list(address.teredo)
    if any(address in network for network in _NAT64):
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    if int(address) < 1 << 32:  # the IPv4-compatible addresses of old
        return [IPv4Address(int(address))]
    return None


def _one_of(
    addresses: Sequence[IPv4Address | IPv6Address], host: str, inside: Allowed
) -> IPv4Address | IPv6Address:
    if not addresses:
        raise Forbidden("its name stands for no address")
    if not inside.host(host):
        for each in addresses:
            if not is_public(each) and not inside.address(each):
                raise Forbidden("its name stands for an address that is not public")
    return addresses[0]


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
