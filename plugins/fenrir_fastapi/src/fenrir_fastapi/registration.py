"""What the paradigm registers: the hybrid app's methods, and the routes of routers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from fenrir_core import App, AppMethod, Build, BuildError, Lifespan
from fenrir_core import Mount as CoreMount
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import F, caller, check_callable, name_of, refuse_bare, where_is

from .events import Events
from .openapi import document
from .router import APIRouter, Defaults, Included, make_defaults
from .starlette.middleware.base import BaseHTTPMiddleware
from .starlette.routing import Item
from .state import State

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .signatures import RouterOptions


def app_methods() -> Iterator[AppMethod]:
    """Return the methods that the hybrid app gets."""
    yield AppMethod("include_router", include_router)
    yield AppMethod("middleware", middleware, is_middleware)
    yield AppMethod("on_event", on_event)
    yield AppMethod("openapi", document.openapi)


def include_router(app: App, router: APIRouter, *, prefix: str = "", **options: Unpack[RouterOptions]) -> None:
    """Include a router in the hybrid app; routes that are added to it before the app starts count too.

    Args:
        app: The app.
        router: The router.
        prefix: The prefix of all its paths.
        options: `tags`, `dependencies`, `responses`, `callbacks`, added before those of the routes;
            `deprecated`, `include_in_schema`, `default_response_class` and
            `generate_unique_id_function` for routes that have none of their own.
    """
    where = caller()[0]
    if not isinstance(router, APIRouter):
        raise BuildError(f"include_router() takes an APIRouter, not {type(router).__name__}.")
    included: Any = Included(router, make_defaults(prefix, where, options))
    app.own_lifespans.append(router.events.as_lifespan(app.own_lifespans))
    app.register(CoreMount("", included, "", where))


def is_middleware(args: Tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Return whether a call of `middleware` is meant for FastAPI's: ``"http"``, or no arguments but the function."""
    given = args[0] if args else kwargs.get("middleware_type")
    return bool(given == "http") or callable(given)


def middleware(app: App, middleware_type: str) -> Callable[[F], F]:
    """Register the decorated `async def f(request, call_next)` around every request.

    Args:
        app: The app.
        middleware_type: ``"http"``.
    """
    refuse_bare(middleware_type, 'middleware("http")')

    def decorate(function: F) -> F:
        check_callable(function, "middleware")
        app.add_middleware(BaseHTTPMiddleware, name=name_of(function), dispatch=function)
        return function

    return decorate


def on_event(app: App, event_type: str) -> Callable[[F], F]:
    """Register the decorated function for ``startup`` or ``shutdown``.

    Raises:
        BuildError: There is no such event, or the app is built already.
    """
    refuse_bare(event_type, 'on_event("startup")')

    def decorate(function: F) -> F:
        app.check_open(f"the {event_type} function {name_of(function)}", where_is(function))
        state = app.store(State)
        if state.events is None:
            state.events = Events()
            app.own_lifespans.append(Lifespan("events", state.events.run))
        state.events.add(event_type, function)
        return function

    return decorate


def collect(source: Any, prefix: str, build: Build) -> Optional[List[Item]]:
    """Return the routes of a router; None for any other object. See the hook `fenrir_collect_routes`."""
    if isinstance(source, APIRouter):
        source = Included(source, Defaults(prefix))
    elif isinstance(source, Included):
        source = replace(source, defaults=replace(source.defaults, prefix=prefix + source.defaults.prefix))
    else:
        return None
    items: List[Item] = source.collected()
    if build.app.paradigm is None:  # the hybrid app's guards hold for routers that are mounted in routers, too
        items = [route for item in items for route in _unmounted(item)]
    return _first_wins(items)


def _unmounted(item: Item) -> Iterator[Item]:
    """Return the routes of a mounted router under the names that URLs of mounts are built from; else the item."""
    router: Any = getattr(item, "app", None)
    if not isinstance(router, APIRouter) or router.default is not None:
        yield item
        return
    for inner in Included(router, Defaults(getattr(item, "prefix", ""))).collected():
        name = f"{item.name}:{inner.name}" if item.name and inner.name else inner.name
        yield from _unmounted(replace(inner, name=name))


def _first_wins(items: Sequence[Item]) -> List[Item]:
    """Return routes of which only the first of equal ones is in the table; the others are only documented."""
    taken: Set[Tuple[str, str]] = set()
    found: List[Item] = []
    for item in items:
        if isinstance(item, CoreRoute) and not item.option("unrouted"):
            shape = re.sub(r"{[^{}:]+", "{", item.path)
            free = tuple(method for method in item.methods if (shape, method) not in taken)
            taken.update((shape, method) for method in item.methods)
            if not free:
                item = replace(item, options={**item.options, "unrouted": True})
            elif free != item.methods:
                item = replace(item, methods=free)
        found.append(item)
    return found
