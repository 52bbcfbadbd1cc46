"""The app's client: its pool, its start and stop, and access to it."""

from __future__ import annotations

import asyncio
import importlib
import logging
import re
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, AsyncIterator, Mapping, Tuple, Type, cast

from fenrir_core import Connection, FenrirError, current_connection

from .settings import REMEDY

if TYPE_CHECKING:
    from redis.asyncio import Redis

logger = logging.getLogger("fenrir.redis")
#: Seconds between two attempts to reach a Redis that is not available yet.
_PAUSE = 0.1
#: Seconds between two log records about one that is unavailable.
_QUIET = 60.0


class RedisUnavailable(FenrirError):
    """Raised when Redis can't be reached at start-up, or refuses the app."""


class State:
    """The state of this plugin in one app: `app.store(State)`.

    Attributes:
        client: The client, from the start to the stop of the app.
        errors: The exceptions of its commands when Redis is not available.
        script_is_missing: The exception of EVALSHA for a script that Redis does not have cached.
        store: The session store; None if sessions are off.
        asleep_until: When rate limits try Redis again after it did not respond (monotonic seconds).
    """

    def __init__(self) -> None:
        self.client: Any = None
        self.errors: Tuple[Type[BaseException], ...] = (OSError, asyncio.TimeoutError)
        self.script_is_missing: Tuple[Type[BaseException], ...] = ()
        self.store: Any = None
        self.asleep_until = float("-inf")
        self._complained = float("-inf")

    def open(self, settings: Mapping[str, Any]) -> Any:
        """Make the client; return its pool, which the caller closes."""
        module: Any = importlib.import_module("redis.asyncio")
        errors: Any = importlib.import_module("redis.exceptions")
        backoff: Any = importlib.import_module("redis.backoff")
        retry: Any = importlib.import_module("redis.asyncio.retry")
        pool = module.BlockingConnectionPool.from_url(
            settings["redis_url"],
            max_connections=settings["redis_connections"],
            timeout=settings["redis_timeout"],
            socket_timeout=settings["redis_timeout"],
            socket_connect_timeout=settings["redis_timeout"],
            # once, without delay: a connection that Redis has closed in the meantime is opened again
            retry=retry.Retry(backoff.NoBackoff(), 1, (errors.ConnectionError,)),
            retry_on_error=[errors.ConnectionError],  # COMPAT: redis-py 5 does not retry without this
        )
        self.client = module.Redis(connection_pool=pool)
        self.errors = (errors.RedisError, OSError, asyncio.TimeoutError)
        self.script_is_missing = (errors.NoScriptError,)
        return pool

    def complain(self, what: str, error: BaseException) -> None:
        """Log a failure of Redis, at most once a minute."""
        now = time.monotonic()
        if now - self._complained >= _QUIET:
            self._complained = now
            logger.error("%s: Redis failed (%s: %s)", what, type(error).__name__, error)


@asynccontextmanager
async def connected(app: Any) -> AsyncIterator[None]:
    """Keep the app's client open; the context manager of the lifespan.

    Raises:
        RedisUnavailable: Redis was not available within `redis_start_timeout`.
    """
    state: State = app.store(State)
    pool = state.open(app.settings)
    try:
        await _wait_for(state, app.settings)
        yield
    finally:
        client, state.client = state.client, None
        await client.aclose()
        await pool.disconnect()


async def _wait_for(state: State, settings: Mapping[str, Any]) -> None:
    """Wait until Redis responds; an error response is final."""
    errors: Any = importlib.import_module("redis.exceptions")
    end = time.monotonic() + settings["redis_start_timeout"]
    while True:
        try:
            await asyncio.wait_for(state.client.ping(), max(end - time.monotonic(), _PAUSE))
            return
        except state.errors as error:
            # a wrong password stays wrong; a server that is down, or still loads its data, may become available
            is_final = isinstance(error, (errors.AuthenticationError, errors.ResponseError))
            if is_final or time.monotonic() + _PAUSE > end:
                waited = "" if is_final else f" in {settings['redis_start_timeout']:g} s (setting redis_start_timeout)"
                raise RedisUnavailable(
                    f"{without_password(settings['redis_url'])} did not answer PING{waited}: "
                    f"{str(error) or type(error).__name__}. Start Redis, or set `redis_url` (FENRIR_REDIS_URL)."
                ) from error
        await asyncio.sleep(_PAUSE)


def without_password(url: str) -> str:
    """Return a URL without its password."""
    return re.sub(r"(://[^@/]*?):[^@/]*@", r"\1:***@", re.sub(r"([?&]password=)[^&]*", r"\1***", url))


def client_of(connection: Connection) -> Any:
    """Return the client of the app that serves a connection.

    Raises:
        RuntimeError: The app has none, or is not running.
    """
    client = connection.app.store(State).client
    if client is None:
        if connection.app.settings["redis_url"] is None:
            raise RuntimeError(f"This app has no Redis. {REMEDY}")
        raise RuntimeError("The app's Redis client exists from its start to its stop, and the app is not running.")
    return client


class _Client:
    """A proxy of the client of the app that serves the current request."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # tools that inspect modules look these up
            raise AttributeError(name)
        return getattr(client_of(current_connection("redis")), name)

    def __repr__(self) -> str:
        return "<redis: the client of the running app>"


#: The client of the app that the code runs in: in handlers, hooks, tasks and `app.context()`.
redis: Redis = cast("Redis", _Client())
