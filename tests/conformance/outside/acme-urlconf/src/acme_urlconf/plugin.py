"""The hooks."""

from __future__ import annotations

import inspect
from typing import Any, Awaitable, Callable, Iterable, List, Optional

from fenrir_core import (
    AppMethod,
    Build,
    Call,
    Connection,
    ExceptionHandler,
    Param,
    PluginInfo,
    Resolver,
    Response,
    ReturnHandler,
    Route,
    RouteHook,
    error_response,
    hookimpl,
)

from .project_app import Middleware, State, add_urls
from .urls import PARADIGM, URLConf, routes_of
from .views import Http404, HttpRequest, HttpResponse, request_of, to_response

fenrir_plugin = PluginInfo(api="1")


@hookimpl
def fenrir_app_methods() -> Iterable[AppMethod]:
    """Add `add_urls` to the hybrid app."""
    yield AppMethod("add_urls", add_urls)


@hookimpl
def fenrir_collect_routes(source: Any, prefix: str, build: Build) -> Optional[List[Route]]:
    """Return the routes of a mounted list."""
    return list(routes_of(build.app, source, f"{prefix}/")) if isinstance(source, URLConf) else None


@hookimpl
def fenrir_make_resolver(param: Param, route: Route) -> Optional[Resolver]:
    """Fill the first parameter of a view."""
    is_own = route.paradigm == PARADIGM and not route.fallback
    return Resolver(request_of) if is_own and param.index == 0 and param.function is route.endpoint else None


@hookimpl
def fenrir_make_return_handler(route: Route) -> Optional[ReturnHandler]:
    """Take responses, and nothing else."""
    return ReturnHandler(to_response) if route.paradigm == PARADIGM and not route.fallback else None


@hookimpl
def fenrir_route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Read the body before views, and put the middleware of the paradigm's own app around them."""
    if route.paradigm == PARADIGM:
        yield RouteHook("body", needs=frozenset({"body"}))
        for make in build.app.store(State).middleware:
            yield RouteHook("middleware", around=_around(make))


def _around(make: Middleware) -> Callable[[Connection, Callable[..., Any]], Awaitable[Any]]:
    async def run(connection: Connection, call_next: Callable[..., Any]) -> Any:
        async def get_response(request: HttpRequest) -> Response:
            response: Response = await call_next(request.connection)
            return response

        found = make(get_response)(request_of(connection))
        return await found if inspect.isawaitable(found) else found

    return run


@hookimpl
def fenrir_exception_handlers() -> Iterable[ExceptionHandler]:
    """Write the page of `Http404` in every app."""

    async def not_found(connection: Connection, error: BaseException) -> Response:
        return error_response(connection, error) or HttpResponse("<h1>Not Found</h1>", 404)

    yield ExceptionHandler(Http404, Call.of(not_found), default=True)
