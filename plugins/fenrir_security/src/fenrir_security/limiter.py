"""The step that counts the requests of a route in a backend, and refuses those over the limit.

Every backend has the same rules, headers and answers. `fenrir-security` counts in the memory of the process,
`fenrir-redis` in Redis; the setting `rate_limit_backend` chooses.
"""

from __future__ import annotations

import hashlib
import math
from functools import partial
from typing import Any, Awaitable, Callable, Iterator, List, Mapping, Optional, Protocol, Sequence, Tuple

from fenrir_core import Build, Call, Connection, Route, RouteHook
from fenrir_core.authoring import Gates, RawHeaders, encode_header

from .limits import RateLimit, TooManyRequests, address_of, limit_of

Subject = Callable[[Connection], Awaitable[str]]
_BOTH = frozenset({"http", "websocket"})
_OWN = frozenset({b"ratelimit-policy", b"ratelimit", b"retry-after"})


class Backend(Protocol):
    """What counts requests, by keys that name a limit, a rate and a client."""

    async def take(self, keys: Sequence[str], arguments: Sequence[int]) -> Optional[List[int]]:
        """Take one request from each bucket, or from none if one of them refuses.

        Args:
            keys: One for each rate.
            arguments: Of each rate its period in microseconds, then its count.

        Returns:
            Whether all rates allow it (1 or 0), then for each rate: the requests left, microseconds until one is
            allowed again (0 if it is), and microseconds until all are. None to let the request through uncounted.

        Raises:
            HTTPError: It can't be counted, and the app refuses requests in that case.
        """


async def _by_address(connection: Connection) -> str:
    return address_of(connection)


def _by_key(call: Callable[..., Awaitable[Any]]) -> Subject:
    async def subject(connection: Connection) -> str:
        value = await call(connection)
        if value is None:
            return address_of(connection)
        # it may be a secret token, or of any length: the backend gets its hash
        return "key " + hashlib.sha256(str(value).encode("utf-8", "surrogatepass")).hexdigest()[:32]

    return subject


class Limiter:
    """A counter of the requests of one bucket, which refuses those over its rates.

    Args:
        backend: What counts.
        limit: The limit.
        bucket: The name of what is counted together.
        subject: Returns the client that the request is counted for.
    """

    def __init__(self, backend: Backend, limit: RateLimit, bucket: str, subject: Subject) -> None:
        self._backend, self._subject = backend, subject
        self._rates = limit.rates
        self._prefixes = [f"rate:{bucket}:{rate.text}:" for rate in limit.rates]
        self._arguments = [number for rate in limit.rates for number in (rate.seconds * 1_000_000, rate.count)]
        policy = ", ".join(f'"{rate.text}";q={rate.count};w={rate.seconds}' for rate in limit.rates)
        self._policy = encode_header("ratelimit-policy", policy)
        self._take_now: Optional[Callable[..., List[int]]] = getattr(backend, "take_now", None)
        #: The hook's step; it needs no coroutine where nothing is waited for.
        self.step = Call(self.check, "async")
        if self._take_now is not None and subject is _by_address:
            self.step = Call(self.check_now, "inline")

    async def check(self, connection: Connection) -> None:
        """Count a request: a `before` step.

        Raises:
            TooManyRequests: It is over the limit.
            HTTPError: It can't be counted, and the app refuses requests in that case (503).
        """
        subject = await self._subject(connection)
        answer = await self._backend.take([prefix + subject for prefix in self._prefixes], self._arguments)
        if answer is not None:
            self._apply(connection, answer)

    def check_now(self, connection: Connection) -> None:
        """Count a request by its address, in a backend that counts at once; raises as `check` does."""
        subject = address_of(connection)
        assert self._take_now is not None
        self._apply(connection, self._take_now([prefix + subject for prefix in self._prefixes], self._arguments))

    def _apply(self, connection: Connection, answer: List[int]) -> None:
        """Set the headers of the response, and refuse a request that is over the limit.

        Source: draft-ietf-httpapi-ratelimit-headers-10; RFC 9110, section 10.2.3 (Retry-After).
        """
        found = zip(self._rates, _triples(answer))
        left = ", ".join([f'"{rate.text}";r={rest};t={_seconds(reset)}' for rate, (rest, _, reset) in found])
        headers: RawHeaders = [self._policy, (b"ratelimit", left.encode("latin-1"))]
        wait = 0
        if not answer[0]:
            wait = max(1, *(_seconds(wait) for _, wait, _ in _triples(answer)))
            headers.append((b"retry-after", b"%d" % wait))
        if connection.scope["type"] == "http":
            # set on every response: the user's own error handler may drop the headers of the exception
            connection.on_response_start(partial(_set_headers, headers))
        if wait:
            over = [rate.text for rate, (_, wait, _) in zip(self._rates, _triples(answer)) if wait > 0]
            detail = f"Too many requests: {', '.join(over)}. Try again in {wait} s."
            raise TooManyRequests(detail, {name.decode(): value.decode("latin-1") for name, value in headers})


def _set_headers(headers: RawHeaders, response: Any) -> None:
    raw: RawHeaders = response.raw_headers
    if any(name in _OWN for name, _ in raw):
        raw[:] = [pair for pair in raw if pair[0] not in _OWN]
    raw += headers


def _triples(answer: List[int]) -> Iterator[Tuple[int, int, int]]:
    return zip(answer[1::3], answer[2::3], answer[3::3])


def _seconds(microseconds: int) -> int:
    return math.ceil(microseconds / 1_000_000)


def backend_of(settings: Mapping[str, Any]) -> str:
    """Return the name of the backend: what `rate_limit_backend` says, else Redis if the app has one, else memory."""
    return settings["rate_limit_backend"] or ("redis" if settings.get("redis_url") else "memory")


def limiter_hook(route: Route, build: Build, make_backend: Callable[[Route], Backend]) -> Optional[RouteHook]:
    """Return the hook that limits a route; None if it has no limit.

    Args:
        route: The route.
        build: What is known of the app.
        make_backend: Returns what counts; called with a route that has a limit.

    Raises:
        BuildError: The limit is wrong.
    """
    build.app.store(Gates).add("rate limit", partial(_found_later, build=build, make_backend=make_backend))
    found = limit_of(route, build.settings["rate_limit"])
    return None if found is None else _hook(route, build, make_backend, *found)


def _found_later(route: Route, build: Build, make_backend: Callable[[Route], Backend]) -> Optional[RouteHook]:
    """Return the hook of a handler that has a limit of its own, and no route; the app's limit has counted already."""
    found = limit_of(route, None)
    return None if found is None else _hook(route, build, make_backend, *found)


def _hook(
    route: Route, build: Build, make_backend: Callable[[Route], Backend], limit: RateLimit, bucket: str
) -> RouteHook:
    subject = _by_address if limit.key is None else _by_key(build.inject(limit.key, route, ()))
    limiter = Limiter(make_backend(route), limit, bucket, subject)
    name = "rate limit " + ", ".join(rate.text for rate in limit.rates)
    return RouteHook(name, limiter.step, order="outer", priority=100, kinds=_BOTH)
