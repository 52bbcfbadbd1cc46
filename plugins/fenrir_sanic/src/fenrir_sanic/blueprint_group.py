"""Groups of blueprints under a common prefix."""

from __future__ import annotations

from typing import Any, Iterable, Iterator, List, MutableSequence, Optional

from fenrir_core import App, BuildError
from fenrir_core.authoring import F, caller, check_callable, refuse_bare

from .registration import Nesting, Version
from .values import AnyCallable

__all__ = ["BlueprintGroup"]


class Groupable:
    """What can be a member of a group: a blueprint or another group."""


class BlueprintGroup(Groupable, MutableSequence[Any]):
    """Blueprints and groups under a common prefix; middleware and exception handlers are added to each of them.

    Args:
        url_prefix: In front of every path.
        version, strict_slashes, version_prefix: For blueprints that have none of their own.
        name_prefix: In front of the blueprints' names.
    """

    blueprints: List[Any]
    url_prefix: Optional[str]
    version: Version
    strict_slashes: Optional[bool]
    version_prefix: Optional[str]
    name_prefix: Optional[str]

    def __init__(
        self,
        url_prefix: Optional[str] = None,
        version: Version = None,
        strict_slashes: Optional[bool] = None,
        version_prefix: Optional[str] = "/v",
        name_prefix: Optional[str] = "",
    ) -> None:
        self.blueprints = []
        self.url_prefix, self.version, self.strict_slashes = url_prefix, version, strict_slashes
        self.version_prefix, self.name_prefix = version_prefix, name_prefix

    def __len__(self) -> int:
        return len(self.blueprints)

    def __getitem__(self, index: Any) -> Any:
        return self.blueprints[index]

    def __setitem__(self, index: Any, item: Any) -> None:
        if isinstance(index, slice):
            if not isinstance(item, Iterable):
                raise TypeError("Expected an iterable of Blueprint instances")
            self.blueprints[index] = list(item)
        elif isinstance(index, int):
            if not isinstance(item, Groupable):
                raise TypeError("Expected a Blueprint instance")
            self.blueprints[index] = item
        else:
            raise TypeError("Index must be int or slice")

    def __delitem__(self, index: Any) -> None:
        del self.blueprints[index]

    def append(self, value: Any) -> None:
        """Add a blueprint or a group."""
        self.blueprints.append(value)

    def insert(self, index: int, item: Any) -> None:
        """Insert a blueprint or a group."""
        self.blueprints.insert(index, item)

    def exception(self, *exceptions: Any, **kwargs: Any) -> AnyCallable:
        """Register the decorated exception handler with each member."""
        for kind in exceptions:
            refuse_bare(kind, "exception(ValueError)")
        if not any(exceptions):
            raise BuildError(
                f"{caller()[0]}: @group.exception() needs exception classes, for example @group.exception(ValueError)."
            )

        def decorate(handler: F) -> F:
            check_callable(handler, "exception handler")
            for item in self.blueprints:
                item.exception(*exceptions, **kwargs)(handler)
            return handler

        return decorate

    def middleware(self, *args: Any, **kwargs: Any) -> Any:
        """Register the decorated middleware with each member: bare, or with ``"request"`` or ``"response"``."""

        def decorate(function: F) -> F:
            check_callable(function, "middleware")
            for item in self.blueprints:
                item.middleware(function, *rest, **kwargs)
            return function

        bare = bool(args) and callable(args[0])
        rest = args[1:] if bare else args
        return decorate(args[0]) if bare else decorate

    def on_request(self, middleware: Optional[AnyCallable] = None, *, priority: int = 0) -> AnyCallable:
        """Register request middleware with each member."""
        decorate: AnyCallable = self.middleware("request", priority=priority)
        return decorate if middleware is None else decorate(middleware)

    def on_response(self, middleware: Optional[AnyCallable] = None, *, priority: int = 0) -> AnyCallable:
        """Register response middleware with each member."""
        decorate: AnyCallable = self.middleware("response", priority=priority)
        return decorate if middleware is None else decorate(middleware)

    def register_middleware(self, middleware: F, attach_to: str = "request", *, priority: int = 0) -> F:
        """Register a middleware with each member."""
        self.middleware(attach_to, priority=priority)(middleware)
        return middleware

    def all_exceptions(self, handler: F) -> F:
        """Register a handler of every exception with each member."""
        self.exception(Exception)(handler)
        return handler

    def members(self) -> Iterator[Any]:
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
        own, theirs = self.version_prefix, outer.version_prefix
        inner = Nesting(
            outer.url_prefix + (url_prefix or "").rstrip("/") + (self.url_prefix or "").rstrip("/"),
            self.version if self.version is not None else outer.version,
            self.strict_slashes if self.strict_slashes is not None else outer.strict_slashes,
            own if own and own != "/v" else theirs,
            "_".join(part for part in (outer.name_prefix, self.name_prefix) if part),
            outer.forced,
        )
        for item in self.blueprints:
            item.register(app, inner)
