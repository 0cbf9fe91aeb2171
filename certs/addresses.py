"""One spelling for an http(s) address, so that an allow-list can be compared, and which targets are private."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def normalised(url: str) -> str:
    """The address with lower-case scheme and host, no default port, no fragment, and ``/`` for an empty path.

    Raises:
        ValueError: it is no http(s) address, names no host, or carries a user name.
    """
    if any(ord(character) <= 0x20 or ord(character) == 0x7F for character in url):
        raise ValueError("blank or control character in an address")
    parts = urlsplit(url)
    if parts.scheme.lower() not in _DEFAULT_PORTS:
        raise ValueError(f"not an http address: {url[:80]!r}")
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise ValueError(f"no plain host in the address: {url[:80]!r}")
    scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    if ":" in host:
        host = f"[{host}]"
    netloc = host if port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{port}"
    return urlunsplit((scheme, netloc, parts.path or "/", parts.query, ""))


def is_public(address: str) -> bool:
    """Is this IP address on the open internet: not private, loopback, link-local, multicast or reserved.

    An IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64) is judged as itself.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or _nat64(ip)
        if inner is not None:
            return _is_open(inner)
    return _is_open(ip)


def _is_open(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


def _nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in ipaddress.ip_network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None
