"""Rate limits of routes: what authors write, and the step that a route gets for it."""

from __future__ import annotations

import hashlib
import inspect
import ipaddress
import math
import time
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Dict, Iterator, List, Mapping, Optional, Tuple, TypeVar

from fenrir_core import Build, BuildError, Call, Connection, HTTPError, Route, RouteHook

from .bucket import take
from .client import State
from .rates import Rate, parse_rates
from .settings import REMEDY

F = TypeVar("F", bound=Callable[..., Any])
Subject = Callable[[Connection], Awaitable[Any]]
_MARK = "__fenrir_rate_limit__"
#: Seconds after a failure in which Redis is not asked again, so that one that hangs does not hold up every request.
_PAUSE = 1.0
_BOTH = frozenset({"http", "websocket"})


class TooManyRequests(HTTPError):
    """Answer 429: the client sent more than its rate limit allows."""

    status = 429

    def __init__(self, detail: Any = None, headers: Optional[Mapping[str, str]] = None) -> None:
        super().__init__(None, detail, headers)


@dataclass(frozen=True)
class RateLimit:
    """A limit, and the decorator that puts it on a handler; see `rate_limit`."""

    rates: Tuple[Rate, ...]
    key: Optional[Callable[..., Any]] = None
    name: Optional[str] = None

    def __call__(self, function: F) -> F:
        """Put the limit on a handler, in whichever order with the decorator that registers it.

        Raises:
            BuildError: It is a class, or something else that can't be marked.
        """
        try:
            if inspect.isclass(function):
                raise TypeError("it is a class; put it on the methods that answer requests")
            setattr(function, _MARK, self)
        except (TypeError, AttributeError) as error:
            raise BuildError(f"rate_limit() can't be put on {function!r}: {error}.") from None
        return function


def rate_limit(rates: str, *, key: Optional[Callable[..., Any]] = None, name: Optional[str] = None) -> RateLimit:
    """Make a limit: a decorator, or the value of the route option `rate_limit`.

    Args:
        rates: ``10/minute``, ``5/15 minutes``, or several that all hold: ``10/second, 1000/hour``.
        key: Gives whose requests are counted together, as text; None from it, and no key at
            all, mean the client's address. Its parameters are filled as an endpoint's are.
        name: Routes with the same name share one count; by default each route has its own.

    Raises:
        BuildError: The text is no rate.

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
    """Return the limit of a route and the name that its count has; None where nothing is limited.

    Raises:
        BuildError: The route's option is no limit.
    """
    if route.fallback == 200:
        return None  # OPTIONS: a browser asks that before the request that counts
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
    """Refuse a limit that would not be seen: on a method of a class that answers all methods by itself."""
    view: Any = route.endpoint if inspect.isclass(route.endpoint) else getattr(route.endpoint, "view_class", None)
    for name in dir(view) if view is not None else ():
        if hasattr(getattr(view, name, None), _MARK):
            raise BuildError(
                f"{route.where}: the rate limit of {view.__qualname__}.{name}() would not be seen, since the class is "
                f"one handler for all methods of route {route.path!r}. Put it into `decorators` of the class, or give "
                "the route the option rate_limit."
            )


def address_of(connection: Connection) -> str:
    """Return the client's address as the server saw it; of IPv6 the /64 network, which one customer has.

    No header is looked at: a client can write into them what it likes.
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
        # it may be a token, or of any length: Redis gets its hash
        return "key " + hashlib.sha256(str(value).encode("utf-8", "surrogatepass")).hexdigest()[:32]

    return subject


class Limiter:
    """Count the requests of one bucket, and refuse those over its rates.

    Args:
        state: What has the client.
        settings: The app's.
        limit: The limit.
        bucket: The name of what is counted together.
        subject: Gives whose request it is.
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
        """Count a request; a `before` step.

        Raises:
            TooManyRequests: It is over the limit.
            HTTPError: Redis does not answer, and the app refuses in that case (503).
        """
        subject = await self._subject(connection)
        answer = await self._take(subject)
        if answer is None:
            return
        headers = self._headers(answer)
        if connection.scope["type"] == "http":
            # whatever answers: an error handler of the user's own may drop what the exception carries
            connection.on_response_start(_put(headers))
        if not answer[0]:
            over = [rate.text for rate, (_, wait, _) in zip(self._rates, _triples(answer)) if wait > 0]
            detail = f"Too many requests: {', '.join(over)}. Try again in {headers['retry-after']} s."
            raise TooManyRequests(detail, headers)

    async def _take(self, subject: str) -> Optional[List[int]]:
        """Take from the buckets; None where Redis does not answer and the limit lets pass."""
        state = self._state
        if time.monotonic() >= state.asleep_until:
            keys = [prefix + subject for prefix in self._prefixes]
            try:
                return await take(state, keys, self._arguments)
            except state.errors as error:
                state.asleep_until = time.monotonic() + _PAUSE
                state.complain(f"Rate limits (requests are {'refused' if self._refuses else 'let pass'})", error)
        if self._refuses:
            raise HTTPError(503, "The rate limit can't be checked. Try again later.", {"retry-after": "1"})
        return None

    def _headers(self, answer: List[int]) -> Dict[str, str]:
        """Return the headers of an answer.

        Source: draft-ietf-httpapi-ratelimit-headers-10; RFC 9110, section 10.2.3 (Retry-After).
        """
        found = zip(self._rates, _triples(answer))
        left = ", ".join(f'"{rate.text}";r={rest};t={_seconds(reset)}' for rate, (rest, _, reset) in found)
        headers = {"ratelimit-policy": self._policy, "ratelimit": left}
        if not answer[0]:
            headers["retry-after"] = str(max(1, *(_seconds(wait) for _, wait, _ in _triples(answer))))
        return headers


def _triples(answer: List[int]) -> Iterator[Tuple[int, int, int]]:
    """Return for each rate: requests left, microseconds until one is allowed, microseconds until all are."""
    return zip(answer[1::3], answer[2::3], answer[3::3])


def _seconds(microseconds: int) -> int:
    return math.ceil(microseconds / 1_000_000)


def _put(headers: Mapping[str, str]) -> Callable[[Any], None]:
    def step(response: Any) -> None:
        for name, value in headers.items():
            response.headers[name] = value

    return step


def wrapper(route: Route, build: Build) -> Optional[RouteHook]:
    """Return the step that limits a route; None where nothing does.

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
