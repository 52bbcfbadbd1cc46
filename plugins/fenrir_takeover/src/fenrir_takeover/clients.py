"""What a client is known by, so that it stays on its side while a share of the clients is moved."""

from __future__ import annotations

import secrets
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Mapping, Optional, Tuple, Union

from fenrir_core import BuildError, Connection
from fenrir_core.authoring import Message, Scope, Send, encode_header, format_cookie

from . import tokens
from .switches import LEGACY, NEW, Rule

#: The key of the scope with the name that a client was given by this request.
NAMED = "fenrir.takeover.client"
#: The cookie that has it from then on, signed.
COOKIE = "takeover_client"
ADDRESS, BY_COOKIE, HEADER = "address", "cookie", "header "
_YEAR = 365 * 86400

Network = Union[IPv4Network, IPv6Network]


class Clients:
    """How clients are told apart.

    Args:
        settings: The app's: `takeover_client`, `takeover_proxies` and `takeover_secret`.

    Raises:
        BuildError: What `takeover_client` needs is not set.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        how: str = settings["takeover_client"]
        self.proxies: Tuple[Network, ...] = settings["takeover_proxies"]
        self.secret: Optional[str] = settings["takeover_secret"]
        self.header = how[len(HEADER) :].strip().lower() if how.startswith(HEADER) else ""
        self.has_cookie = how == BY_COOKIE
        if self.has_cookie and not self.secret:
            raise BuildError('takeover_client="cookie" needs takeover_secret, which signs the cookie.')
        if self.header and not self.proxies:
            raise BuildError(
                f'takeover_client="{how}" needs takeover_proxies: the addresses of the proxies that set this header, '
                'such as "10.0.0.0/8". Any client can send a header.'
            )

    def side_of(self, connection: Connection, rule: Rule) -> str:
        """Return the side that serves a connection: the one that is chosen, else what the rule says of its client."""
        return self._chosen_side(connection) or rule.side(partial(self.name_of, connection))

    def _chosen_side(self, connection: Connection) -> Optional[str]:
        """Return the side that the client, by a signed token, or a proxy has chosen; None if neither has."""
        chosen = connection.headers.get(tokens.HEADER)
        if chosen in (NEW, LEGACY) and self._is_proxy(_address(connection.scope)):
            return chosen
        return tokens.chosen_side(connection, self.secret)

    def name_of(self, connection: Connection) -> str:
        """Return the name of the client of a connection; one without a cookie gets a new name, see `NAMED`."""
        scope = connection.scope
        address = _address(scope)
        if self.header:
            sent = connection.headers.get(self.header)
            return f"{self.header} {sent}" if sent and self._is_proxy(address) else address
        if not self.has_cookie or self.secret is None:
            return address
        named: Optional[str] = scope.get(NAMED) or tokens.client_of(connection.cookies.get(COOKIE) or "", self.secret)
        if named is None:
            if scope["type"] != "http":
                return address  # its handshake sets no cookie
            named = scope[NAMED] = secrets.token_hex(16)
        return named

    def naming(self, scope: Scope, send: Send) -> Send:
        """Return a `send` that sets the cookie of the client that this request has named."""
        assert self.secret is not None
        cookie = format_cookie(
            COOKIE,
            tokens.sign_client(scope[NAMED], self.secret),
            max_age=_YEAR,
            httponly=True,
            secure=scope.get("scheme") == "https",
            samesite="lax",
        )

        async def naming_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), encode_header("set-cookie", cookie)]}
            await send(message)

        return naming_send

    def _is_proxy(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self.proxies)


def _address(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


def parse_client(value: Any) -> str:
    """Return the setting `takeover_client`."""
    text = str(value).strip()
    if text in (ADDRESS, BY_COOKIE) or (text.startswith(HEADER) and len(text.split()) == 2):
        return text
    raise ValueError('it must be "address", "cookie" or "header X-Name"')


def parse_networks(value: Any) -> Tuple[Network, ...]:
    """Return the setting `takeover_proxies`: networks, as a list or as text with commas."""
    given = value.split(",") if isinstance(value, str) else value or ()
    return tuple(ip_network(str(item).strip()) for item in given if str(item).strip())
