"""Build time: the resolvers, route hooks and lifespans of this plugin."""

from __future__ import annotations

from typing import Any, Iterator, Optional

from fenrir_core import EMPTY, Build, BuildError, Call, Lifespan, Param, Resolver, Route, RouteHook

from .client import State, client_of, connected
from .interface import RedisSessionInterface
from .sessions import Session, SessionStore, preload, session_of
from .settings import REMEDY, check

_BOTH = frozenset({"http", "websocket"})


def resolver(param: Param, route: Route, build: Build) -> Optional[Resolver]:
    """Return the resolver of a parameter; None if it is not this plugin's.

    Raises:
        BuildError: It is this plugin's, and the app has no Redis or no sessions.
    """
    if param.default not in (EMPTY, None):
        return None  # its default says where it comes from: Depends()
    if _is_optional_session(param.annotation):
        raise BuildError(
            f"{_who(param, route)} a Session or something else. Annotate it as Session: there is always one."
        )
    if param.annotation is Session:
        if not build.settings["redis_sessions"]:
            raise BuildError(f"{_who(param, route)} a Session, but sessions are off. Set redis_sessions=True.")
        _store(build)
        return Resolver(session_of, is_async=True)
    if _is_client(param.annotation):
        if build.settings["redis_url"] is None:
            raise BuildError(f"{_who(param, route)} the Redis client, but the app has none. {REMEDY}")
        return Resolver(client_of)
    return None


def loader(route: Route, build: Build) -> Optional[RouteHook]:
    """Return the hook that loads the session before a route; None if it is not wanted.

    Raises:
        BuildError: The route wants it, but sessions are off.
    """
    wanted = route.option("session")
    if not build.settings["redis_sessions"]:
        if wanted:
            raise BuildError(
                f"{route.where}: route {route.path!r} has session=True, but sessions are off. Set redis_sessions=True."
            )
        return None
    _store(build)
    if wanted is None:
        interface = getattr(build.app, "session_interface", None)
        # an error page of the app may show the logged-in user; a response to OPTIONS shows nothing
        wanted = route.fallback != 200 and (
            build.settings["redis_session_preload"] or isinstance(interface, RedisSessionInterface)
        )
    return RouteHook("session", Call(preload, "async"), order="outer", priority=50, kinds=_BOTH) if wanted else None


def lifespans(build: Build) -> Iterator[Lifespan]:
    """Return what keeps the client open, if a Redis is set.

    Raises:
        BuildError: None is set, but something needs it.
    """
    check(build.settings)
    if build.settings["redis_url"] is not None:
        yield Lifespan("redis", connected)


def _store(build: Build) -> None:
    """Make the session store, once per app."""
    state: State = build.app.store(State)
    if state.store is None:
        check(build.settings)
        try:
            state.store = SessionStore(build.settings, state)
        except ValueError as error:
            raise BuildError(f"The settings of the session cookie contradict each other. {error}") from None


def _is_client(annotation: Any) -> bool:
    """Return whether an annotation is redis-py's asynchronous client, without importing that."""
    return (
        getattr(annotation, "__module__", None) == "redis.asyncio.client"
        and getattr(annotation, "__qualname__", None) == "Redis"
    )


def _is_optional_session(annotation: Any) -> bool:
    """Return whether an annotation is a union or the like with a session, which must not be read from the body."""
    return Session in getattr(annotation, "__args__", ()) and not hasattr(annotation, "__metadata__")


def _who(param: Param, route: Route) -> str:
    return f"{route.where}: the parameter {param.name!r} of route {route.path!r} takes"
