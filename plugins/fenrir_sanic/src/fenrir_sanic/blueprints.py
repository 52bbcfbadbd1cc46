"""Blueprints: routes, middleware, listeners and handlers that are registered together."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Callable, Iterable, Iterator, List, Optional, Tuple, Union

from fenrir_core import App, BuildError

from . import error_handling, hooks, listeners
from .registration import Decorators, Nesting, Registration, Version, add_route


class Blueprint(Decorators):
    """Routes, middleware, listeners and exception handlers that are registered with an app together.

    Args:
        name: For route names (``<blueprint>.<handler>``).
        url_prefix: In front of every path.
        host: Not supported.
        version, version_prefix: For routes that have none of their own.
        strict_slashes: For routes that don't set it.
        nonblocking: Whether none of its handlers blocks: synchronous ones run on the event loop.
    """

    def __init__(
        self,
        name: str,
        url_prefix: Optional[str] = None,
        host: Any = None,
        version: Version = None,
        strict_slashes: Optional[bool] = None,
        version_prefix: Optional[str] = None,
        *,
        nonblocking: bool = False,
    ) -> None:
        if host is not None:
            raise BuildError(f"The blueprint {name!r} asks for the host {host!r}: routing by host is not supported.")
        self.name = name
        self.url_prefix = (url_prefix or "").rstrip("/")
        self.version, self.version_prefix, self.strict_slashes = version, version_prefix, strict_slashes
        self.nonblocking = nonblocking
        self.ctx: Any = SimpleNamespace()
        self._routes: List[Registration] = []
        self._middlewares: List[Tuple[Callable[..., Any], str, int]] = []
        self._listeners: List[Tuple[Callable[..., Any], str, int]] = []
        self._exceptions: List[Tuple[Callable[..., Any], List[Any]]] = []

    def __repr__(self) -> str:
        return f"Blueprint({self.name!r}, url_prefix={self.url_prefix!r})"

    def _add(self, item: Registration) -> None:
        self._routes.append(item)

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
        """Return a group of blueprints under a common prefix.

        Args:
            *blueprints: Blueprints and groups.
            url_prefix, version, strict_slashes, version_prefix, name_prefix: As of `BlueprintGroup`.
        """
        return BlueprintGroup(blueprints, url_prefix or "", version, strict_slashes, version_prefix, name_prefix)

    def members(self) -> Iterator[Blueprint]:
        """Iterate over the blueprints in this: itself."""
        yield self

    def register(self, app: App, outer: Nesting, url_prefix: Optional[str] = None) -> None:
        """Register everything with an app.

        Args:
            app: The app.
            outer: What surrounds the blueprint.
            url_prefix: Replaces the blueprint's own, unless it is None.
        """
        name = f"{outer.name_prefix}{'_' if outer.name_prefix else ''}{self.name}"
        prefix = self.url_prefix if url_prefix is None else url_prefix.rstrip("/")
        for item in self._routes:
            add_route(app, self._placed(item, outer, prefix, name), (name,))
        for function, kind, priority in [*outer.middleware, *self._middlewares]:
            hooks.register_middleware(app, function, kind, priority=priority, group=name)
        for function, phase, priority in self._listeners:
            listeners.register_listener(app, function, phase, priority=priority)
        for function, kinds in [*self._exceptions, *outer.exceptions]:
            error_handling.register(app, function, kinds, name)

    def _placed(self, item: Registration, outer: Nesting, url_prefix: str, name: str) -> Registration:
        path = f"{outer.url_prefix}{url_prefix}{item.uri}" or "/"
        strict = next(
            (value for value in (item.strict_slashes, self.strict_slashes, outer.strict_slashes) if value is not None),
            None,
        )
        version = next((value for value in (item.version, self.version, outer.version) if value is not None), None)
        prefix = item.version_prefix or self.version_prefix or outer.version_prefix
        name, options = f"{name}.{item.name}", item.options
        if self.nonblocking:
            options = {"nonblocking": True, **options}
        return replace(
            item, uri=path, name=name, strict_slashes=strict, version=version, version_prefix=prefix, options=options
        )


class BlueprintGroup(Decorators):
    """Blueprints and groups under a common prefix; its middleware and exception handlers cover all of them.

    Args:
        blueprints: The members: blueprints, groups and lists of them.
        url_prefix: In front of every path.
        version, strict_slashes, version_prefix: For blueprints that have none of their own.
        name_prefix: In front of the blueprints' names.
    """

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

    def _add(self, item: Registration) -> None:
        raise BuildError(f"A group of blueprints has no routes of its own: add {item.uri!r} to one of them.")

    def _middleware(self, function: Callable[..., Any], kind: str, priority: int) -> None:
        self.own_middleware.append((function, kind, priority))

    def _listener(self, function: Callable[..., Any], phase: str, priority: int) -> None:
        raise BuildError("A group of blueprints has no listeners of its own: add them to one of them, or to the app.")

    def _exception(self, function: Callable[..., Any], kinds: Iterable[Any]) -> None:
        self.own_exceptions.append((function, list(kinds)))

    def members(self) -> Iterator[Blueprint]:
        """Iterate over the blueprints in this group and the groups in it."""
        for item in self.blueprints:
            yield from item.members()

    def register(self, app: App, outer: Nesting, url_prefix: Optional[str] = None) -> None:
        """Register every member with an app.

        Args:
            app: The app.
            outer: What surrounds the group.
            url_prefix: In front of the group's own.
        """
        inner = Nesting(
            outer.url_prefix + (url_prefix or "").rstrip("/") + self.url_prefix.rstrip("/"),
            self.version if self.version is not None else outer.version,
            self.strict_slashes if self.strict_slashes is not None else outer.strict_slashes,
            self.version_prefix or outer.version_prefix,
            "_".join(part for part in (outer.name_prefix, self.name_prefix) if part),
            (*outer.middleware, *self.own_middleware),
            (*self.own_exceptions, *outer.exceptions),
        )
        for item in self.blueprints:
            item.register(app, inner)
