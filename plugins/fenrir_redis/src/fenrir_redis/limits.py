"""Rate limits of routes: the decorator, and the hook that counts requests."""

from __future__ import annotations

import hashlib
import inspect
import ipaddress
import math
import time
from dataclasses import dataclass
from functools import partial
from typing import Any, Awaitable, Callable, Dict, Iterator, List, Mapping, Optional, Tuple, TypeVar, Union

from fenrir_core import Build, BuildError, Call, Connection, HTTPError, Route, RouteHook
from fenrir_core.authoring import replace_headers

from .bucket import take
from .client import State
from .rates import Rate, parse_rates
from .settings import REMEDY

F = TypeVar("F", bound=Callable[..., Any])
Subject = Callable[[Connection], Awaitable[Any]]
_MARK = "__fenrir_rate_limit__"
#: Seconds after a failure during which Redis is not tried again, so that a hanging one does not delay every request.
_PAUSE = 1.0
_BOTH = frozenset({"http", "websocket"})


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
        try:
            if inspect.isclass(function):
                raise TypeError("it is a class; set it on the methods that handle requests")
            setattr(function, _MARK, self)
        except (TypeError, AttributeError) as error:
            raise BuildError(f"rate_limit() can't be set on {function!r}: {error}.") from None
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
    own = getattr(route.endpoint, _MARK, None) if own is None else own
    if own is False:
        return None
    if own is None:
        _check_view(route)
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


def _check_view(route: Route) -> None:
    """Raise an error for a limit without effect: on a method of a class that dispatches methods by itself."""
    view: Any = route.endpoint if inspect.isclass(route.endpoint) else getattr(route.endpoint, "view_class", None)
    for name in dir(view) if view is not None else ():
        if hasattr(getattr(view, name, None), _MARK):
            raise BuildError(
                f"{route.where}: the rate limit of {view.__qualname__}.{name}() would have no effect, since the "
                f"class is one handler for all methods of route {route.path!r}. Add it to `decorators` of the class, "
                "or set the route option rate_limit."
            )


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


async def _by_address(connection: Connection) -> str:
    return address_of(connection)


def _by_key(call: Subject) -> Subject:
    async def subject(connection: Connection) -> str:
        value = await call(connection)
        if value is None:
            return address_of(connection)
        # it may be a secret token, or of any length: Redis gets its hash
        return "key " + hashlib.sha256(str(value).encode("utf-8", "surrogatepass")).hexdigest()[:32]

    return subject


class Limiter:
    """A counter of the requests of one bucket, which refuses those over its rates.

    Args:
        state: The plugin's state, which has the client.
        settings: The app's settings.
        limit: The limit.
        bucket: The name of what is counted together.
        subject: Returns the client that the request is counted for.
    """

    def __init__(
        self, state: State, settings: Mapping[str, Any], limit: RateLimit, bucket: str, subject: Subject
    ) -> None:
        self._state, self._subject = state, subject
        self._rates = limit.rates
        self._prefixes = [f"{settings['redis_prefix']}rate:{bucket}:{rate.text}:" for rate in limit.rates]
        self._arguments = [number for rate in limit.rates for number in (rate.seconds * 1_000_000, rate.count)]
        self._policy = ", ".join(f'"{rate.text}";q={rate.count};w={rate.seconds}' for rate in limit.rates)
        self._refuses = settings["rate_limit_when_down"] == "refuse"

    async def check(self, connection: Connection) -> None:
        """Count a request: a `before` step.

        Raises:
            TooManyRequests: It is over the limit.
            HTTPError: Redis does not respond, and the app refuses requests in that case (503).
        """
        subject = await self._subject(connection)
        answer = await self._take(subject)
        if answer is None:
            return
        headers = self._headers(answer)
        if connection.scope["type"] == "http":
            # set on every response: the user's own error handler may drop the headers of the exception
            connection.on_response_start(partial(replace_headers, headers=headers))
        if not answer[0]:
            over = [rate.text for rate, (_, wait, _) in zip(self._rates, _triples(answer)) if wait > 0]
            detail = f"Too many requests: {', '.join(over)}. Try again in {headers['retry-after']} s."
            raise TooManyRequests(detail, headers)

    async def _take(self, subject: str) -> Optional[List[int]]:
        """Take from the buckets; None if Redis does not respond and requests are let through."""
        state = self._state
        if time.monotonic() >= state.asleep_until:
            keys = [prefix + subject for prefix in self._prefixes]
            try:
                return await take(state, keys, self._arguments)
            except state.errors as error:
                state.asleep_until = time.monotonic() + _PAUSE
                state.complain(f"Rate limits (requests are {'refused' if self._refuses else 'let through'})", error)
        if self._refuses:
            raise HTTPError(503, "The rate limit can't be checked. Try again later.", {"retry-after": "1"})
        return None

    def _headers(self, answer: List[int]) -> Dict[str, str]:
        """Return the headers of a response.

        Source: draft-ietf-httpapi-ratelimit-headers-10; RFC 9110, section 10.2.3 (Retry-After).
        """
        found = zip(self._rates, _triples(answer))
        left = ", ".join(f'"{rate.text}";r={rest};t={_seconds(reset)}' for rate, (rest, _, reset) in found)
        headers = {"ratelimit-policy": self._policy, "ratelimit": left}
        if not answer[0]:
            headers["retry-after"] = str(max(1, *(_seconds(wait) for _, wait, _ in _triples(answer))))
        return headers


def _triples(answer: List[int]) -> Iterator[Tuple[int, int, int]]:
    """Return for each rate: the requests left, microseconds until one is allowed, microseconds until all are."""
    return zip(answer[1::3], answer[2::3], answer[3::3])


def _seconds(microseconds: int) -> int:
    return math.ceil(microseconds / 1_000_000)


def route_hook(route: Route, build: Build) -> Optional[RouteHook]:
    """Return the hook that limits a route; None if it has no limit.

    Raises:
        BuildError: The limit is wrong, or there is no Redis to count in.
    """
    settings = build.settings
    found = limit_of(route, settings["rate_limit"])
    if found is None:
        return None
    limit, bucket = found
    if settings["redis_url"] is None:
        where = f"{route.where}: route {route.path!r}" if route.where != "kernel" else "The app"
        raise BuildError(f"{where} has a rate limit, but there is no Redis to count in. {REMEDY}")
    subject = _by_address if limit.key is None else _by_key(build.inject(limit.key, route, ()))
    limiter = Limiter(build.app.store(State), settings, limit, bucket, subject)
    name = "rate limit " + ", ".join(rate.text for rate in limit.rates)
    return RouteHook(name, Call(limiter.check, "async"), order="outer", priority=100, kinds=_BOTH)
