"""Blueprints: routes, middleware, listeners and handlers that are registered together."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Callable, Iterable, Iterator, List, Optional, Tuple, Union

from fenrir_core import App, BuildError

from . import error_handling, hooks, listeners
from .registration import Decorators, Registration, Version, versioned


class Blueprint(Decorators):
    """Collect what belongs together until it is registered with an app.

    Args:
        name: For route names (``<blueprint>.<handler>``).
        url_prefix: What stands before every path.
        host: Not supported.
        version, version_prefix: As of routes, which precede them.
        strict_slashes: Of all routes that don't say.
    """

    def __init__(
        self,
        name: str,
        url_prefix: Optional[str] = None,
        host: Any = None,
        version: Version = None,
        strict_slashes: Optional[bool] = None,
        version_prefix: Optional[str] = None,
    ) -> None:
        if host is not None:
            raise BuildError(f"The blueprint {name!r} asks for the host {host!r}: routing by host is not supported.")
        self.name = name
        self.url_prefix = (url_prefix or "").rstrip("/")
        self.version, self.version_prefix, self.strict_slashes = version, version_prefix, strict_slashes
        self.ctx: Any = SimpleNamespace()
        self._routes: List[Registration] = []
        self._middlewares: List[Tuple[Callable[..., Any], str, int]] = []
        self._listeners: List[Tuple[Callable[..., Any], str, int]] = []
        self._exceptions: List[Tuple[Callable[..., Any], List[Any]]] = []

    def __repr__(self) -> str:
        return f"Blueprint({self.name!r}, url_prefix={self.url_prefix!r})"

    def _add(self, registration: Registration) -> None:
        self._routes.append(registration)

    def _middleware(self, function: Callable[..., Any], kind: str, priority: int) -> None:
        self._middlewares.append((function, kind, priority))

    def _listener(self, function: Callable[..., Any], phase: str, priority: int) -> None:
        self._listeners.append((function, phase, priority))

    def _exception(self, function: Callable[..., Any], kinds: Iterable[Any]) -> None:
        self._exceptions.append((function, list(kinds)))

    @staticmethod
    def group(
        *blueprints: Union[Blueprint, BlueprintGroup],
        url_prefix: Optional[str] = None,
        version: Version = None,
        strict_slashes: Optional[bool] = None,
        version_prefix: Optional[str] = None,
        name_prefix: str = "",
    ) -> BlueprintGroup:
        """Collect blueprints under a common prefix."""
        return BlueprintGroup(blueprints, url_prefix or "", version, strict_slashes, version_prefix, name_prefix)

    def register(self, app: App, outer: Outer) -> None:
        """Register everything with an app."""
        name = f"{outer.name_prefix}{'_' if outer.name_prefix else ''}{self.name}"
        for item in self._routes:
            add_route(app, self._placed(item, outer, name), (name,))
        for function, kind, priority in [*outer.middleware, *self._middlewares]:
            hooks.register_middleware(app, function, kind, priority=priority, group=name)
        for function, phase, priority in self._listeners:
            listeners.register_listener(app, function, phase, priority=priority)
        for function, kinds in [*self._exceptions, *outer.exceptions]:
            error_handling.register(app, function, kinds, name)

    def _placed(self, item: Registration, outer: Outer, name: str) -> Registration:
        path = f"{outer.url_prefix}{self.url_prefix}{item.uri}" or "/"
        strict = next(
            (value for value in (item.strict_slashes, self.strict_slashes, outer.strict_slashes) if value is not None),
            None,
        )
        version = next((value for value in (item.version, self.version, outer.version) if value is not None), None)
        prefix = item.version_prefix or self.version_prefix or outer.version_prefix
        return replace(
            item, uri=path, name=f"{name}.{item.name}", strict_slashes=strict, version=version, version_prefix=prefix
        )


class Outer:
    """What a group, or the call of `app.blueprint`, puts around a blueprint."""

    def __init__(
        self,
        url_prefix: str = "",
        version: Version = None,
        strict_slashes: Optional[bool] = None,
        version_prefix: Optional[str] = None,
        name_prefix: str = "",
    ) -> None:
        self.url_prefix, self.version = url_prefix.rstrip("/"), version
        self.strict_slashes, self.version_prefix, self.name_prefix = strict_slashes, version_prefix, name_prefix
        self.middleware: List[Tuple[Callable[..., Any], str, int]] = []
        self.exceptions: List[Tuple[Callable[..., Any], List[Any]]] = []

    def inside(self, group: BlueprintGroup) -> Outer:
        """Return what surrounds the members of a group that stands in this."""
        found = Outer(
            self.url_prefix + group.url_prefix.rstrip("/"),
            group.version if group.version is not None else self.version,
            group.strict_slashes if group.strict_slashes is not None else self.strict_slashes,
            group.version_prefix or self.version_prefix,
            "_".join(part for part in (self.name_prefix, group.name_prefix) if part),
        )
        found.middleware = [*self.middleware, *group.own_middleware]
        found.exceptions = [*group.own_exceptions, *self.exceptions]
        return found


class BlueprintGroup(Decorators):
    """Hold blueprints and groups under a common prefix; middleware and handlers cover all of them."""

    def __init__(
        self,
        blueprints: Iterable[Any] = (),
        url_prefix: str = "",
        version: Version = None,
        strict_slashes: Optional[bool] = None,
        version_prefix: Optional[str] = None,
        name_prefix: str = "",
    ) -> None:
        self.blueprints: List[Any] = []
        for item in blueprints:
            self.blueprints.extend(item if isinstance(item, (list, tuple)) else [item])
        self.url_prefix, self.version, self.strict_slashes = url_prefix, version, strict_slashes
        self.version_prefix, self.name_prefix = version_prefix, name_prefix
        self.own_middleware: List[Tuple[Callable[..., Any], str, int]] = []
        self.own_exceptions: List[Tuple[Callable[..., Any], List[Any]]] = []

    def __iter__(self) -> Iterator[Any]:
        return iter(self.blueprints)

    def __len__(self) -> int:
        return len(self.blueprints)

    def __getitem__(self, index: int) -> Any:
        return self.blueprints[index]

    def append(self, blueprint: Any) -> None:
        """Add a blueprint or a group."""
        self.blueprints.append(blueprint)

    def _add(self, registration: Registration) -> None:
        raise BuildError(f"A group of blueprints has no routes of its own: add {registration.uri!r} to one of them.")

    def _middleware(self, function: Callable[..., Any], kind: str, priority: int) -> None:
        self.own_middleware.append((function, kind, priority))

    def _listener(self, function: Callable[..., Any], phase: str, priority: int) -> None:
        raise BuildError("A group of blueprints has no listeners of its own: add them to one of them, or to the app.")

    def _exception(self, function: Callable[..., Any], kinds: Iterable[Any]) -> None:
        self.own_exceptions.append((function, list(kinds)))

    def register(self, app: App, outer: Outer) -> None:
        """Register every member with an app."""
        for item in self.blueprints:
            item.register(app, outer.inside(self))


class Registered:
    """Remember one app's blueprints by name."""

    def __init__(self) -> None:
        self.by_name: Any = {}


def blueprint(
    app: App,
    blueprint: Any,
    *,
    url_prefix: Optional[str] = None,
    version: Version = None,
    strict_slashes: Optional[bool] = None,
    version_prefix: Optional[str] = None,
    name_prefix: Optional[str] = None,
) -> None:
    """Register a blueprint, a group or a list of them with an app.

    Args:
        app: The app.
        blueprint: What to register, once an app.
        url_prefix: What stands before every path, in place of a blueprint's own prefix.
        version, strict_slashes, version_prefix: As of a blueprint, which precedes them.
        name_prefix: What stands before the names.

    Raises:
        BuildError: A blueprint's name is taken.
    """
    if isinstance(blueprint, (list, tuple)):
        for item in blueprint:
            _register(app, item, url_prefix, version, strict_slashes, version_prefix, name_prefix)
    else:
        _register(app, blueprint, url_prefix, version, strict_slashes, version_prefix, name_prefix)


def _register(app: App, item: Any, url_prefix: Optional[str], *rest: Any) -> None:
    known = app.store(Registered).by_name
    for member in _members(item):
        if member.name in known:
            raise BuildError(f"A blueprint named {member.name!r} is registered already: give each its own name.")
        known[member.name] = member
    version, strict_slashes, version_prefix, name_prefix = rest
    if url_prefix is not None and isinstance(item, Blueprint):
        outer = Outer("", version, strict_slashes, version_prefix, name_prefix or "")
        own, item.url_prefix = item.url_prefix, url_prefix.rstrip("/")
        try:
            item.register(app, outer)
        finally:
            item.url_prefix = own
        return
    item.register(app, Outer(url_prefix or "", version, strict_slashes, version_prefix, name_prefix or ""))


def _members(item: Any) -> Iterator[Blueprint]:
    if isinstance(item, Blueprint):
        yield item
    else:
        for member in item:
            yield from _members(member)


def add_route(app: App, item: Registration, group: Tuple[str, ...] = ()) -> None:
    """Register a route with an app, as a route of this paradigm."""
    options = dict(item.options)
    if item.strict_slashes is not None:
        options["strict_slashes"] = item.strict_slashes
    path = versioned(item.uri, item.version, item.version_prefix) or "/"
    route = app.make_route(path, item.handler, item.methods, name=item.name, paradigm="sanic", **options)
    app.register(replace(route, group=group))
