"""Addresses of clients and proxies, as servers and forwarded headers write them."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import List, Optional, Sequence, Union

from .errors import MISUSED, CliError

Address = Union[IPv4Address, IPv6Address]


@lru_cache(maxsize=1024)
def address_of(text: str) -> Optional[Address]:
    """Return an address; None for a text that is none.

    Args:
        text: An address, with or without a port (``192.0.2.1:80``) and brackets (``[2001:db8::1]:80``). An IPv4 address
            in an IPv6 one is the IPv4 address.
    """
    if text.startswith("["):
        text, bracket, rest = text[1:].partition("]")
        if not bracket:
            return None
        if rest and not (rest[0] == ":" and rest[1:].isdigit() and rest.isascii()):
            return None
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
        if not (port.isdigit() and port.isascii()):
            return None
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


class Trusted:
    """The addresses of trusted proxies.

    Args:
        given: Addresses, networks such as ``10.0.0.0/8``, or ``*`` for all.

    Raises:
        CliError: One of them is none of these.
    """

    def __init__(self, given: Sequence[str]) -> None:
        self._is_all = "*" in given
        self._networks: List[Union[IPv4Network, IPv6Network]] = []
        for text in given:
            try:
                if text != "*":
                    self._networks.append(ip_network(text))
            except ValueError as error:
                raise CliError(
                    f"--trusted-proxy {text}: {error}.",
                    ["Give an address (10.0.0.1), a network (10.0.0.0/8, fd00::/8) or * for all."],
                    MISUSED,
                ) from None

    def __contains__(self, address: Optional[Address]) -> bool:
        return self._is_all or (address is not None and any(address in network for network in self._networks))
