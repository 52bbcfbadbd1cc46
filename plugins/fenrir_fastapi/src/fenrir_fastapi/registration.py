"""What the paradigm registers: the hybrid app's methods, and the routes of routers."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, List, Optional, Sequence, Set, Tuple, Union

from fenrir_core import App, AppMethod, Build, BuildError, Lifespan
from fenrir_core import Mount as CoreMount
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import F, caller, check_callable, name_of, refuse_bare, where_is

from . import body_limits, hooks
from .events import Events
from .inclusion import is_asked
from .openapi import document
from .router import APIRouter, Defaults, Included, make_defaults
from .starlette.middleware.base import BaseHTTPMiddleware
from .starlette.routing import Item
from .starlette.types import NamedValues
from .state import State

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .signatures import RouterOptions


def app_methods() -> Iterator[AppMethod]:
    """Return the methods that the hybrid app gets."""
    yield AppMethod("frontend", frontend)
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
    with app.registering("the router", where, keeps_routes=True):
        app.own_lifespans.append(router.events.as_lifespan(app.own_lifespans))
        app.register(CoreMount("", included, "", where))


def frontend(
    app: App,
    path: str,
    *,
    directory: Any,
    fallback: Optional[str] = "auto",
    check_dir: Union[bool, str] = "auto",
    precompressed: bool = False,
    immutable: bool = False,
) -> None:
    """Serve a folder of built files where no route matches, inside of the app's guards.

    Args:
        app: The app.
        path: The prefix.
        directory: The folder.
        fallback: The file to serve instead of a missing one: ``"index.html"`` (only for navigation),
            ``"404.html"``, None for a plain 404, or ``"auto"`` for whichever file exists.
        check_dir: Whether a missing folder is an error right away; ``"auto"`` only warns if
            the environment has ``FASTAPI_ENV=development``.
        precompressed, immutable: As for `StaticFiles`.
    """
    router = APIRouter()
    choices = {"precompressed": precompressed, "immutable": immutable}
    router.frontend(path, directory=directory, fallback=fallback, check_dir=check_dir, **choices)
    include_router(app, router)


def is_middleware(args: Tuple[Any, ...], kwargs: NamedValues) -> bool:
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
        BuildError: There is no such event, or the app has started.
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


def follow(app: App) -> None:
    """Discard the OpenAPI document, and find what is kept beside the table of routes; after each build."""
    state = app.store(State)
    state.document, state.encoded_document = None, None
    for known in (state.fields, state.readers, state.rules):
        known.clear()
    state.custom_routes[:] = hooks.custom_routes(app)
    body_limits.apply(app)


def collect(source: Any, prefix: str, build: Build) -> Optional[List[Item]]:
    """Return the routes of a router; None for any other object. See the hook `fenrir_collect_routes`."""
    if isinstance(source, APIRouter):
        found = list(_of_mounted(source, prefix, "", build))
    elif isinstance(source, Included):
        if prefix:
            source = replace(source, defaults=replace(source.defaults, prefix=prefix + source.defaults.prefix))
        found = list(_unmounted(source.collected(), build))
    else:
        return None
    return _first_wins(found if build.app.paradigm is None else [*filter(is_asked, found)])


def _unmounted(items: Iterable[Item], build: Build) -> Iterator[Item]:
    """Return items, with its routes in the place of a router mounted in the hybrid app, whose steps are for each."""
    is_hybrid = build.app.paradigm is None
    for item in items:
        if is_hybrid and isinstance(item, CoreMount) and isinstance(item.app, APIRouter):
            yield from _of_mounted(item.app, item.prefix, item.name, build)
        else:
            yield item


def _of_mounted(router: APIRouter, prefix: str, mount_name: str, build: Build) -> Iterator[Item]:
    """Return the routes of a mounted router under the names that URLs of mounts are built from, then its default."""
    found = Included(router, Defaults(prefix), is_main=True).collected()
    if mount_name:
        found = [replace(item, name=f"{mount_name}:{item.name}") if item.name else item for item in found]
    yield from _unmounted(found, build)
    if router.default is not None:
        yield CoreMount(prefix, router.default)


def _first_wins(items: Sequence[Item]) -> List[Item]:
    """Return routes of which only the first of equal ones is in the table; the others are only documented."""
    taken: Set[Tuple[str, str]] = set()
    found: List[Item] = []
    for item in items:
        if isinstance(item, CoreRoute) and not item.option("unrouted"):
            shape = _shape(item.path) if "{" in item.path else item.path
            places = {(shape, method) for method in item.methods}
            if not taken.isdisjoint(places):
                free = tuple(method for method in item.methods if (shape, method) not in taken)
                if free:
                    item = replace(item, methods=free)
                else:
                    item = replace(item, options={**item.options, "unrouted": True})
            taken |= places
        found.append(item)
    return found


@lru_cache(maxsize=4096)
def _shape(path: str) -> str:
    """Return a template without the names of its parameters."""
    return re.sub(r"{[^{}:]+", "{", path)
