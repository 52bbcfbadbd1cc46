"""The hooks of the Sanic paradigm."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from fenrir_core import (
    AppMethod,
    Build,
    Lifespan,
    Param,
    PluginInfo,
    Route,
    Wrapper,
    hookimpl,
)

from . import listeners, middleware, resolve, tasks

fenrir_plugin = PluginInfo(api="1", after=("falcon",), before=("flask", "bottle", "fastapi"))


@hookimpl
def fenrir_app_methods() -> Iterable[AppMethod]:
    """Give the hybrid app listeners, middleware and tasks."""
    return [
        AppMethod("listener", listeners.listener),
        AppMethod("register_listener", listeners.register_listener),
        AppMethod("middleware", middleware.middleware, middleware.is_middleware),
        AppMethod("register_middleware", middleware.register_middleware),
        AppMethod("on_request", middleware.on_request),
        AppMethod("on_response", middleware.on_response),
        AppMethod("add_task", tasks.add_task),
        AppMethod("get_task", tasks.get_task),
        AppMethod("cancel_task", tasks.cancel_task),
        AppMethod("purge_tasks", tasks.purge_tasks),
    ]


@hookimpl
def fenrir_make_resolver(param: Param, route: Route, build: Build) -> Optional[Any]:
    """Fill `request` and path values."""
    return resolve.make_resolver(param, route, build)


@hookimpl
def fenrir_wrap_endpoint(route: Route, build: Build) -> Iterable[Wrapper]:
    """Run request and response middleware."""
    return middleware.wrappers(route, build)


@hookimpl
def fenrir_lifespans(build: Build) -> Iterable[Lifespan]:
    """Run listeners."""
    return listeners.lifespans(build)
