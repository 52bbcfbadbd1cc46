"""The signature that type checkers see of the methods that register a route."""

from __future__ import annotations

from typing import Any, Callable, Iterable, List, Optional, Protocol, Union, cast, overload

from fenrir_core.authoring import F

Paths = Union[str, List[str], None]
Methods = Union[str, Iterable[str]]


class RouteDecorator(Protocol):
    """What `route`, `get`, `post` and the like are: a decorator, with or without arguments, or a plain call."""

    @overload
    def __call__(self, path: F) -> F: ...
    @overload
    def __call__(
        self,
        path: Paths = None,
        method: Methods = "GET",
        callback: None = None,
        name: Optional[str] = None,
        apply: Any = None,
        skip: Any = None,
        **config: Any,
    ) -> Callable[[F], F]: ...
    @overload
    def __call__(
        self,
        path: Paths,
        method: Methods = "GET",
        *,
        callback: F,
        name: Optional[str] = None,
        apply: Any = None,
        skip: Any = None,
        **config: Any,
    ) -> F: ...
    @overload
    def __call__(
        self,
        path: Paths,
        method: Methods,
        callback: F,
        name: Optional[str] = None,
        apply: Any = None,
        skip: Any = None,
        **config: Any,
    ) -> F: ...


def decorator(function: Callable[..., Any]) -> RouteDecorator:
    """Return the method itself, which type checkers then know as a `RouteDecorator`."""
    return cast(RouteDecorator, function)
