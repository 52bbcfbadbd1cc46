"""Rate limits of routes: the decorator, the route option, and who is counted."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional, Tuple, TypeVar, Union

from fenrir_core import BuildError, Connection, HTTPError, Route

from .marks import mark, mark_of
from .rates import Rate, parse_rates

F = TypeVar("F", bound=Callable[..., Any])
_MARK = "__fenrir_rate_limit__"


class TooManyRequests(HTTPError):
    """Raised for a client that exceeds its rate limit (429)."""

    status = 429

    def __init__(self, detail: Any = None, headers: Optional[Mapping[str, str]] = None) -> None:
        super().__init__(None, detail, headers)


@dataclass(frozen=True)
class RateLimit:
    """A rate limit, and the decorator that sets it on a handler; see `rate_limit`."""

    rates: Tuple[Rate, ...]
    key: Optional[Callable[..., Any]] = None
    name: Optional[str] = None

    def __call__(self, function: F) -> F:
        """Set the limit on a handler, above or below the decorator that registers it.

        Raises:
            BuildError: It is a class, or something else that can't be marked.
        """
        mark(function, _MARK, self, "rate_limit()")
        return function


#: What the route option `rate_limit` may be.
Limit = Union[str, bool, RateLimit]


def rate_limit(rates: str, *, key: Optional[Callable[..., Any]] = None, name: Optional[str] = None) -> RateLimit:
    """Return a limit: a decorator, or the value of the route option `rate_limit`.

    Args:
        rates: ``10/minute``, ``5/15 minutes``, or several that all apply: ``10/second, 1000/hour``.
        key: Returns the text by which requests are counted together; None from it, or no key at
            all, means the client's address. Its parameters are filled like an endpoint's.
        name: Routes with the same name share one count; by default each route has its own.

    Raises:
        BuildError: The text is not a rate.

    Example:
        >>> @app.post("/login")
        ... @rate_limit("5/minute")
        ... async def login(): ...
    """
    try:
        return RateLimit(parse_rates(rates), key, name)
    except ValueError as error:
        raise BuildError(f"rate_limit(): {error}.") from None


def limit_of(route: Route, default: Optional[str]) -> Optional[Tuple[RateLimit, str]]:
    """Return the limit of a route and the name of its count; None if it has no limit.

    Raises:
        BuildError: The value of the route's option is not a limit.
    """
    if route.fallback == 200:
        return None  # OPTIONS: a browser sends it before the actual request
    own = route.option("rate_limit")
    own = mark_of(route, _MARK, "the rate limit", "rate_limit") if own is None else own
    if own is False:
        return None
    if own is None:
        return (RateLimit(parse_rates(default)), "the app") if default else None
    if isinstance(own, str):
        try:
            own = RateLimit(parse_rates(own))
        except ValueError as error:
            raise BuildError(f"{route.where}: the option rate_limit of route {route.path!r}: {error}.") from None
    if not isinstance(own, RateLimit):
        raise BuildError(
            f"{route.where}: the option rate_limit of route {route.path!r} can't be {own!r}. Write a rate such as "
            "'10/minute', False for none, or rate_limit('10/minute', key=...)."
        )
    return own, own.name or str(route)


def address_of(connection: Connection) -> str:
    """Return the client's address as the server reports it; for IPv6 the /64 network, which belongs to one customer.

    Headers are ignored: a client can set them to anything.
    """
    host = connection.client[0] if connection.client is not None else ""
    if ":" not in host:
        return host
    try:
        address = ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError:
        return host
    mapped = address.ipv4_mapped
    return str(mapped or ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
