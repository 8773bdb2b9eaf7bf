"""One spelling per network address, so that the same computer is recognised however it was written.

Sources: RFC 4291 and RFC 5952 (IPv6 text), RFC 4007 (zones), RFC 1123 (host names); as in the WHATWG URL
standard, a name whose last label is a number is no name, so `0x7f.1` and `127.1` are refused, not guessed at.
"""

import ipaddress
import re

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_ZONE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@\\$-]{0,103}")
_MAX_NAME = 253
_MAX_PORT = 65535


class AddressError(ValueError):
    """Why a text is no address, in words."""


def canonical_address(text: str) -> str:
    """An IPv4 or IPv6 address or a DNS name in its one spelling: lower case, no brackets, no trailing dot.

    Raises:
        AddressError: it is none, or one that no single computer can have.
    """
    if not text.isascii():
        raise AddressError("it is not ASCII; write an international name in its `xn--` form (punycode)")
    if text.startswith("-"):
        raise AddressError("it starts with a dash, which ssh would take for an option")
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if ":" in bare:
        return _ipv6(bare)
    labels = bare.lower().split(".")
    if labels[-1] == "" and len(labels) > 1:
        labels.pop()
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(bare)
    if not all(map(_LABEL.fullmatch, labels)):
        raise AddressError("it is no address: letters, digits, dots and inner dashes only")
    name = ".".join(labels)
    if len(name) > _MAX_NAME:
        raise AddressError(f"a host name has at most {_MAX_NAME} characters")
    return name


def canonical_gateway(text: str) -> str:
    """ProxyJump's syntax (ssh_config(5): `user@host:port`, comma-separated), addresses in their one spelling.

    Raises:
        AddressError: a part is none.
    """
    return ",".join(_jump(part.strip()) for part in text.split(","))


def _jump(text: str) -> str:
    user, at, rest = text.rpartition("@")
    if at and not _USER.fullmatch(user):
        raise AddressError("the user of a gateway holds characters that no login name has")
    host, colon, port = rest, "", ""
    if rest.startswith("["):
        host, bracket, tail = rest.partition("]")
        host, colon, port = host + bracket, tail[:1], tail[1:]
        if tail and colon != ":":
            raise AddressError("a port follows an address in brackets as `[::1]:22`")
    elif rest.count(":") == 1:
        host, colon, port = rest.partition(":")
    address = canonical_address(host)
    if not colon:
        return f"{user}{at}{address}"
    if not port.isdecimal() or not port.isascii() or not 0 < int(port[:6]) <= _MAX_PORT:
        raise AddressError("the port of a gateway is a number from 1 to 65535")
    shown = f"[{address}]" if ":" in address else address
    return f"{user}{at}{shown}:{int(port)}"


def _ipv4(text: str) -> str:
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        raise AddressError(
            "an IPv4 address is four decimal numbers from 0 to 255, such as 10.0.0.1"
        ) from None
    return str(_single(address))


def _ipv6(text: str) -> str:
    bare, percent, zone = text.partition("%")
    try:
        address = ipaddress.IPv6Address(bare)
    except ValueError:
        raise AddressError("it is no IPv6 address (a port goes into `port`)") from None
    if address.ipv4_mapped is not None:
        return str(_single(address.ipv4_mapped))
    if bool(percent) != address.is_link_local:
        needed = "needs a zone such as %eth0" if address.is_link_local else "has no zone: only fe80:: ones do"
        raise AddressError(f"this IPv6 address {needed}")
    if percent and not _ZONE.fullmatch(zone):
        raise AddressError("the zone after % is the name of a network interface, such as eth0")
    return f"{_single(address)}{percent}{zone}"


def _single(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if address.is_unspecified or address.is_multicast or str(address) == "255.255.255.255":
        raise AddressError("no single computer has this address")
    return address
