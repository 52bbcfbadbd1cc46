"""Blueprints: routes, middleware, listeners, signals and handlers that are registered together."""

from __future__ import annotations

import asyncio
from copy import copy as shallow_copy
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Dict, Iterable, Iterator, List, Optional, Set, Tuple, Union

from fenrir_core import App, BuildError
from fenrir_core.authoring import F, where_is

from . import error_handling, hooks, listeners
from .blueprint_group import BlueprintGroup as BlueprintGroup
from .blueprint_group import Groupable
from .decorators import Decorators
from .event_decorators import SignalRegistration
from .exceptions import SanicException
from .helpers import Default, _default
from .middleware import Middleware
from .names import check_name
from .registration import Nesting, Registration, Version, add_route
from .request.route_info import RouteInfo
from .routing_exceptions import NotFound
from .signals import wait_for_any
from .values import AnyCallable, Values

Prefixed = Tuple[Any, Nesting, Optional[str]]


class Blueprint(Decorators, Groupable):
    """Routes, middleware, listeners, signals and exception handlers that are registered with an app together.

    What is added after the registration is added to the app, too.

    Args:
        name: For route names (``<blueprint>.<handler>``).
        url_prefix: In front of every path.
        host: A host or several; for routes that have none of their own.
        version, version_prefix: For routes that have none of their own.
        strict_slashes: For routes that don't set it.
        nonblocking: Whether none of its handlers blocks: synchronous ones run on the event loop.

    Raises:
        SanicException: The name can't be used.
    """

    name: str
    host: Any
    url_prefix: Optional[str]
    version: Version
    version_prefix: Optional[str]
    strict_slashes: Optional[bool]
    ctx: Any
    copied_from: str

    def __init__(
        self,
        name: str,
        url_prefix: Optional[str] = None,
        host: Any = None,
        version: Version = None,
        strict_slashes: Optional[bool] = None,
        version_prefix: Optional[str] = "/v",
        *,
        nonblocking: bool = False,
    ) -> None:
        check_name(type(self), name)
        self.name, self.host, self.nonblocking = name, host, nonblocking
        self.url_prefix = url_prefix[:-1] if url_prefix and url_prefix.endswith("/") else url_prefix
        self.version, self.version_prefix, self.strict_slashes = version, version_prefix, strict_slashes
        self.ctx = SimpleNamespace()
        self.copied_from = ""
        self._overwrite = False
        self._routes: List[Registration] = []
        self._middlewares: List[Middleware] = []
        self._listeners: List[Tuple[AnyCallable, str, int]] = []
        self._exceptions: List[Tuple[AnyCallable, List[Any]]] = []
        self._signals: List[SignalRegistration] = []
        self._commands: List[Tuple[AnyCallable, str]] = []
        self.reset()

    def reset(self) -> None:
        """Forget the apps that it is registered with."""
        self._placed: List[Prefixed] = []

    def __repr__(self) -> str:
        names = ("name", "url_prefix", "host", "version", "strict_slashes")
        shown = ((name, getattr(self, name)) for name in names)
        args = (f'{name}="{value}"' if isinstance(value, str) else f"{name}={value}" for name, value in shown)
        return f"Blueprint({', '.join(args)})"

    def __str__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    # ------------------------------------------------------------ what it has

    @property
    def apps(self) -> Set[Any]:
        """The apps that it is registered with.

        Raises:
            SanicException: There are none.
        """
        if not self._placed:
            raise SanicException(f"{self} has not yet been registered to an app")
        return {app for app, _, _ in self._placed}

    @property
    def registered(self) -> bool:
        """Whether it is registered with an app."""
        return bool(self._placed)

    @property
    def routes(self) -> List[RouteInfo]:
        """The routes, once it is registered."""
        found: Dict[int, RouteInfo] = {}
        for app, nesting, _ in self._placed:
            group = self._group(nesting)
            items = (item for item in app.registered if group in getattr(item, "group", ()))
            found.update({id(item): RouteInfo(item) for item in items})
        return list(found.values())

    @property
    def websocket_routes(self) -> List[RouteInfo]:
        """The WebSocket routes, once it is registered."""
        return [item for item in self.routes if item.is_websocket]

    @property
    def statics(self) -> List[RouteInfo]:
        """The routes that serve files, once it is registered."""
        return [item for item in self.routes if item.extra.static]

    @property
    def middlewares(self) -> List[Middleware]:
        """The middleware."""
        return list(self._middlewares)

    @property
    def exceptions(self) -> List[AnyCallable]:
        """The exception handlers."""
        return [function for function, _ in self._exceptions]

    @property
    def listeners(self) -> Dict[str, List[AnyCallable]]:
        """The listeners by phase."""
        found: Dict[str, List[AnyCallable]] = {}
        for function, phase, _ in self._listeners:
            found.setdefault(phase, []).append(function)
        return found

    # ------------------------------------------------------------ registration

    def _add(self, item: Registration) -> None:
        if self._overwrite:
            item = replace(item, options={**item.options, "overwrite": True})
            self._routes = [other for other in self._routes if other.uri != item.uri]
        self._routes.append(item)
        for place in self._placed:
            self._place_route(item, *place)

    def _middleware(self, item: Middleware) -> None:
        self._middlewares.append(item)
        for app, nesting, _ in self._placed:
            hooks.add(app, _grouped(item, self._group(nesting)))

    def _listener(self, function: AnyCallable, phase: str, priority: int) -> None:
        self._listeners.append((function, phase, priority))
        for app, _, _ in self._placed:
            listeners.register_listener(app, function, phase, priority=priority)

    def _exception(self, function: AnyCallable, kinds: Iterable[Any]) -> None:
        self._exceptions.append((function, list(kinds)))
        for app, nesting, _ in self._placed:
            error_handling.register(app, function, kinds, self._group(nesting))

    def _signal(self, item: SignalRegistration) -> None:
        item.condition["__blueprint__"] = self.name
        self._signals.append(item)
        for app, _, _ in self._placed:
            self._place_signal(item, app)

    def _place_signal(self, item: SignalRegistration, app: Any) -> None:
        if not hasattr(app, "signal_router"):
            raise BuildError(f"{where_is(item.handler)}: signals need Sanic's own app, fenrir_sanic.Sanic.")
        app._signal(item._replace(exclusive=False))

    @staticmethod
    def group(
        *blueprints: Union[Blueprint, BlueprintGroup],
        url_prefix: Optional[str] = None,
        version: Version = None,
        strict_slashes: Optional[bool] = None,
        version_prefix: Optional[str] = "/v",
        name_prefix: Optional[str] = "",
    ) -> BlueprintGroup:
        """Return a group of blueprints under a common prefix.

        Args:
            *blueprints: Blueprints, groups and lists of them.
            url_prefix, version, strict_slashes, version_prefix, name_prefix: As of `BlueprintGroup`.
        """
        found = BlueprintGroup(url_prefix, version, strict_slashes, version_prefix, name_prefix)
        for item in blueprints:
            for member in item if isinstance(item, (list, tuple)) else [item]:
                found.append(member)
        return found

    def copy(
        self,
        name: str,
        url_prefix: Union[str, Default, None] = _default,
        version: Union[Version, Default] = _default,
        version_prefix: Union[str, Default] = _default,
        allow_route_overwrite: Union[bool, Default] = _default,
        strict_slashes: Union[bool, Default, None] = _default,
        with_registration: bool = True,
        with_ctx: bool = False,
    ) -> Blueprint:
        """Return a copy with another name.

        Args:
            name: Its name.
            url_prefix, version, version_prefix, strict_slashes: What is different.
            allow_route_overwrite: Whether its routes may take the place of others.
            with_registration: Whether it is registered with the apps of this one.
            with_ctx: Whether it shares `ctx`.
        """
        check_name(type(self), name)
        found = shallow_copy(self)
        found.copied_from, found.name = self.name, name
        for attribute in ("_routes", "_middlewares", "_listeners", "_exceptions", "_commands"):
            setattr(found, attribute, list(getattr(self, attribute)))
        found._signals = [item._replace(condition={**item.condition, "__blueprint__": name}) for item in self._signals]
        given = {
            "url_prefix": url_prefix, "version": version, "version_prefix": version_prefix,
            "strict_slashes": strict_slashes, "_overwrite": allow_route_overwrite,
        }  # fmt: skip
        for attribute, value in given.items():
            if not isinstance(value, Default):
                setattr(found, attribute, value)
        if found._overwrite:
            found._routes = [replace(item, options={**item.options, "overwrite": True}) for item in found._routes]
        found.reset()
        if not with_ctx:
            found.ctx = SimpleNamespace()
        if with_registration and self._placed:
            if any(item.options.get("static") for item in self._routes):
                raise SanicException(
                    "Static routes registered with the old blueprint instance, cannot be registered again."
                )
            for app, _, _ in self._placed:
                app.blueprint(found)
        return found

    def command(self, maybe_func: Optional[AnyCallable] = None, *, name: str = "") -> AnyCallable:
        """Keep a function for the command line of each app that it is registered with; see `Sanic.command`."""

        def decorate(function: F) -> F:
            self._commands.append((function, name or function.__name__))
            for app, _, _ in self._placed:
                self._place_command(app, *self._commands[-1])
            return function

        return decorate if maybe_func is None else decorate(maybe_func)

    def forget(self, app: Any) -> None:
        """Forget that it is registered with an app, after that has failed."""
        self._placed = [place for place in self._placed if place[0] is not app]

    def members(self) -> Iterator[Blueprint]:
        """Iterate over the blueprints in this: itself."""
        yield self

    def register(self, app: App, options: Any, url_prefix: Optional[str] = None) -> None:
        """Register everything with an app.

        Args:
            app: The app.
            options: What surrounds the blueprint: a `Nesting`, or a dict of the options of `app.blueprint`.
            url_prefix: Replaces the blueprint's own, unless it is None.
        """
        outer = options if isinstance(options, Nesting) else Nesting(
            version=options.get("version"), strict_slashes=options.get("strict_slashes"),
            version_prefix=options.get("version_prefix"), name_prefix=options.get("name_prefix") or "",
        )  # fmt: skip
        if any(known is app and nesting == outer for known, nesting, _ in self._placed):
            return
        self._placed.append((app, outer, url_prefix))
        name = self._group(outer)
        for item in self._routes:
            self._place_route(item, app, outer, url_prefix)
        for middleware in self._middlewares:
            hooks.add(app, _grouped(middleware, name))
        for function, phase, priority in self._listeners:
            listeners.register_listener(app, function, phase, priority=priority)
        for function, kinds in self._exceptions:
            error_handling.register(app, function, kinds, name)
        for signal in self._signals:
            self._place_signal(signal, app)
        for command in self._commands:
            self._place_command(app, *command)

    def _place_command(self, app: Any, function: AnyCallable, name: str) -> None:
        if hasattr(app, "command"):  # the hybrid app has a command line of its own
            app.command(function, name=f"{self.name}.{name}")

    def _group(self, outer: Nesting) -> str:
        return f"{outer.name_prefix}_{self.name}" if outer.name_prefix else self.name

    def _place_route(self, item: Registration, app: App, outer: Nesting, url_prefix: Optional[str]) -> None:
        name = self._group(outer)
        prefix = self.url_prefix if url_prefix is None else url_prefix
        uri = _joined(outer.url_prefix + (prefix or ""), item.uri)
        strict = _first(item.strict_slashes, outer.forced[1], self.strict_slashes, outer.strict_slashes)
        version = _first(item.version, outer.forced[0], self.version, outer.version)
        prefixes = (item.version_prefix, outer.forced[2], self.version_prefix, outer.version_prefix)
        version_prefix = next((one for one in prefixes if one and one != "/v"), "/v")
        label = self.generate_name(item.name)
        label = f"{outer.name_prefix}_{label}" if outer.name_prefix else label
        options = {"nonblocking": True, **item.options} if self.nonblocking else dict(item.options)
        if self.host and not options.get("hosts"):
            options["hosts"] = (self.host,) if isinstance(self.host, str) else tuple(self.host)
        full = replace(
            item, uri=uri, name=label, strict_slashes=strict, version=version,
            version_prefix=version_prefix, options=options,
        )  # fmt: skip
        placer: Any = getattr(app, "_add_grouped", None)
        if placer is None:
            add_route(app, full, (name,))
        else:
            placer(full, (name,))

    # ------------------------------------------------------------ signals

    async def dispatch(self, *args: Any, **kwargs: Any) -> Any:
        """Call the blueprint's handlers of an event in all of its apps; the arguments are those of `Sanic.dispatch`."""
        kwargs["condition"] = {**(kwargs.get("condition") or {}), "__blueprint__": self.name}
        return await asyncio.gather(*(app.dispatch(*args, **kwargs) for app in self.apps))

    def event(self, event: str, timeout: Optional[float] = None, *, condition: Optional[Values] = None) -> Any:
        """Return an awaitable of the context of the next dispatch of an event.

        Raises:
            SanicException: The blueprint is not registered.
            NotFound: The event has no handlers.
        """
        wanted = {**(condition or {}), "__blueprint__": self.name}
        waiters = []
        for app in self.apps:
            waiter = app.signal_router.get_waiter(event, wanted, exclusive=False)
            if waiter is None:
                raise NotFound(f"Could not find signal {event}")
            waiters.append(waiter)
        return wait_for_any(waiters, timeout)


def _grouped(item: Middleware, group: str) -> Middleware:
    found = Middleware(item.func, item.location, item.priority, group)
    found.definition = item.definition
    return found


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _joined(prefix: str, uri: str) -> str:
    path = prefix.rstrip("/") + uri if uri.startswith("/") else prefix + uri
    return path[1:] if path.startswith("//") else path


def lazy(func: AnyCallable, as_decorator: bool = True) -> AnyCallable:
    """Return the function: what is registered with a blueprint is always kept for its apps."""
    return func
