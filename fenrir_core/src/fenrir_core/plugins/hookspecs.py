# mypy: disable-error-code="empty-body"
"""The hooks: the reference for authors of plugins.

Rules for all of them. Hooks are called while an app is built (or defined, where it says
so), never while it serves. They are synchronous: whatever is asynchronous is *returned*.
A *many* hook returns an iterable of one kind of value (a generator is fine) or None; a
*first* hook returns one value, or None for "not mine". The kernel checks the type at once
and names plugin, hook and value. Arguments are passed by name: an implementation takes
only those it names. Wrappers (`wrapper=True`) are refused in API 1.

What is registered while the app serves is built anew: what is "called once" is called once a build, maybe in a
thread. Routes that stay as they are are not asked for again.

A hook that is to go is marked by `@hookspec(warn_on_impl=DeprecationWarning("…"))`, an argument
by `warn_on_impl_args`; the text names the hook, when it goes, and the remedy. The kernel puts
the plugin's name before it. What may change and what may not: `docs/plugins/stability.md`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Iterable, Optional, Sequence, Tuple, Union, get_type_hints

import pluggy

from .._callsite import types_in
from ..routing.converters import PathConverter
from .types import (
    AppMethod,
    AppProperty,
    Build,
    Encoder,
    ErrorFormat,
    ExceptionHandler,
    Lifespan,
    MediaType,
    Middleware,
    Mount,
    Observer,
    OpenAPIPart,
    Param,
    ParameterSource,
    Provide,
    ReturnHandler,
    Route,
    RouteHook,
    RouteOption,
    Setting,
    TemplateContext,
)

#: The version of this API: a plugin's `PluginInfo.api` must equal it.
API_VERSION = "1"

hookspec = pluggy.HookspecMarker("fenrir")
hookimpl = pluggy.HookimplMarker("fenrir")

# ---------------------------------------------------------------- when an app object is made


@hookspec
def fenrir_app_methods() -> Iterable[Union[AppMethod, AppProperty]]:
    """Add methods and properties to the hybrid app, for example Sanic's `listener`.

    Called once, when a `Fenrir` object is made.

    Returns:
        Any number of `AppMethod` and `AppProperty`.

    Raises:
        BuildError: Two plugins claim a name and one of them has no `accepts`.

    Example:
        >>> def shout(app, text): ...
        >>> @hookimpl
        ... def fenrir_app_methods():
        ...     return [AppMethod("shout", shout)]
    """


# ---------------------------------------------------------------- phase 1: settings


@hookspec
def fenrir_settings() -> Iterable[Setting]:
    """Declare settings, so that they have a type, a default and an owner.

    Called once, when an app object is made, so that `app.settings` knows every key.

    Returns:
        Any number of `Setting`.

    Raises:
        BuildError: Two plugins declare one name, or a value does not fit its type.

    Example:
        >>> @hookimpl
        ... def fenrir_settings():
        ...     yield Setting("secret_key", str, "", env="SECRET_KEY", help="Signs the session cookie.")
    """


# ---------------------------------------------------------------- how bodies are written and read


@hookspec
def fenrir_encoders() -> Iterable[Encoder]:
    """Have values of types that JSON can't express written as JSON, by every paradigm.

    Called once, when an app object is made. The encoders hold wherever the app writes JSON:
    for what handlers return, alone, in tuples and inside of other values, and for `jsonify`,
    `resp.media` and the like. An app without encoders pays nothing.

    Returns:
        Any number of `Encoder`.

    Raises:
        BuildError: Two plugins have an encoder of one class.

    Example:
        >>> @hookimpl
        ... def fenrir_encoders():
        ...     yield Encoder(Money, lambda value: {"amount": value.amount, "currency": value.currency})
    """


@hookspec
def fenrir_media_types() -> Iterable[MediaType]:
    """Have bodies read and written in media types besides JSON.

    Called once, when an app object is made. A body of such a type is read wherever JSON is
    (`request.json()`, typed bodies, `req.media`). What would be answered as JSON is written
    in the type of these that the client prefers by `Accept`; JSON stays the default.

    Returns:
        Any number of `MediaType`.

    Raises:
        BuildError: Two plugins have one media type.

    Example:
        >>> @hookimpl
        ... def fenrir_media_types():
        ...     yield MediaType("application/msgpack", msgpack.unpackb, msgpack.packb)
    """


# ---------------------------------------------------------------- phase 2: routes


@hookspec
def fenrir_path_converters(build: Build) -> Iterable[PathConverter]:
    """Return path converters, for example ``<pet:hashid>``.

    Called once, before templates are read.

    Returns:
        Any number of `PathConverter`; only the paradigm of a pure app may take the kernel's own names.

    Example:
        >>> @hookimpl
        ... def fenrir_path_converters():
        ...     yield PathConverter("hex", "[0-9a-f]+", lambda text: int(text, 16), "{:x}".format)
    """


@hookspec
def fenrir_route_options() -> Iterable[RouteOption]:
    """Return the keywords that routes may carry beyond the kernel's own.

    Called once. An option that nobody names is a build error with the near matches.

    Returns:
        Any number of `RouteOption`.

    Example:
        >>> @hookimpl
        ... def fenrir_route_options():
        ...     yield RouteOption("rate", "Requests a second that a client may send.")
    """


@hookspec(firstresult=True)
def fenrir_collect_routes(source: Any, prefix: str, build: Build) -> Optional[Sequence[Union[Route, Mount]]]:
    """Return the routes of a mounted object of a paradigm.

    Called once for each object given to `app.mount` that is no ASGI app by itself (a
    router, a blueprint, a resource). The first answer wins.

    Args:
        source: The object.
        prefix: Where it is mounted, without trailing slash.
        build: What is known so far.

    Returns:
        A list of `Route` and `Mount` with full paths, or None when the object is not yours.

    Example:
        >>> @hookimpl
        ... def fenrir_collect_routes(source, prefix):
        ...     if isinstance(source, PetShop):
        ...         return [Route(prefix + "/pets", source.list_pets)]
    """


@hookspec
def fenrir_routes(build: Build) -> Iterable[Union[Route, Mount]]:
    """Return routes of the plugin's own, for example a health check.

    Called once, after all of the app's routes are known.

    Returns:
        Any number of `Route` and `Mount`. The same method and path twice is a build error
        that names both providers, unless the newcomer's `replaces` names the other route.

    Example:
        >>> @hookimpl
        ... def fenrir_routes():
        ...     yield Route("/-/live", lambda: "ok", name="live")
    """


# ---------------------------------------------------------------- phase 3: wiring


@hookspec(firstresult=True)
def fenrir_make_resolver(param: Param, route: Route, build: Build) -> Optional[ParameterSource]:
    """Return what fills one parameter of an endpoint or a dependency.

    Called once for each parameter while the app is built. Plugins without a paradigm are
    asked first, then the paradigm of `route`; in the hybrid app the other paradigms
    follow. The kernel's own answer comes last: path values by name, the connection for
    parameters named or annotated so.

    Args:
        param: Name, default and annotation; forward references are resolved.
        route: The route that it is read for.
        build: What earlier phases made.

    Returns:
        A `Resolver`, `PathValue`, `Constant`, `Provide` or `BatchField`, or None when the
        parameter is not yours.

    Raises:
        BuildError: It is yours and cannot be read; name the remedy.

    Example:
        >>> @hookimpl
        ... def fenrir_make_resolver(param):
        ...     if param.annotation is User:
        ...         return Provide(load_user)
    """


@hookspec
def fenrir_dependencies(route: Route, build: Build) -> Iterable[Provide]:
    """Return dependencies that run before the endpoint of `route` and are not passed to it.

    Called once for each route, before its parameters are resolved. They share the cache of
    the endpoint's own dependencies; what one raises ends the request. A route for which
    nothing is given pays nothing.

    Returns:
        Any number of `Provide`, or None.

    Example:
        >>> @hookimpl
        ... def fenrir_dependencies(route):
        ...     if route.option("login"):
        ...         yield Provide(check_login)
    """


@hookspec(firstresult=True)
def fenrir_make_return_handler(route: Route, build: Build) -> Optional[ReturnHandler]:
    """Return how the value that the endpoint of `route` returns becomes a response.

    Called once for each route. In the hybrid app a paradigm answers for its own routes and
    for those whose options are its own; for the others the app's table holds. A plugin that
    is no paradigm hands a value on by returning `NotImplemented` from `convert`: the next
    plugin's handler is called with it, then the paradigm's, then the app's table.

    Returns:
        A `ReturnHandler`, or None for the app's own rule.

    Example:
        >>> @hookimpl
        ... def fenrir_make_return_handler(route):
        ...     if route.option("xml"):
        ...         return ReturnHandler(lambda request, value: Response(to_xml(value), media_type="text/xml"))
    """


@hookspec
def fenrir_route_hooks(route: Route, build: Build) -> Iterable[RouteHook]:
    """Return steps before, after and around the endpoint of `route`.

    Called once for each route, also for the kernel's answers 404 and 405
    (`route.fallback`). A route for which nothing is given pays nothing.

    Returns:
        Any number of `RouteHook`, or None.

    Example:
        >>> @hookimpl
        ... def fenrir_route_hooks(route):
        ...     if route.option("rate"):
        ...         yield RouteHook("rate limit", before=Call.of(check_rate))
    """


# ---------------------------------------------------------------- phase 4: frame


@hookspec
def fenrir_exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Register handlers of exceptions and statuses.

    Called once. For an exception the nearest level is asked first (route, blueprint, app),
    within it a handler for the status, then the most specific class by MRO.

    Returns:
        Any number of `ExceptionHandler`.

    Example:
        >>> @hookimpl
        ... def fenrir_exception_handlers():
        ...     yield ExceptionHandler(OutOfStock, Call.of(sold_out))
    """


@hookspec(firstresult=True)
def fenrir_error_format(build: Build) -> Optional[ErrorFormat]:
    """Return the format of error responses that the app's author does not write.

    Called once. The first answer wins. It replaces the kernel's JSON and every paradigm's own page; the
    author's own handlers come before it.

    Args:
        build: Settings, and what earlier phases made.

    Returns:
        An `ErrorFormat`, or None.

    Example:
        >>> @hookimpl
        ... def fenrir_error_format():
        ...     return ErrorFormat("plain", write_plain)
    """


@hookspec
def fenrir_middleware(build: Build) -> Iterable[Middleware]:
    """Wrap the app in ASGI middleware.

    Called once. Layers from the outside in: ``edge``, ``app``, ``routing``; within one by
    `before`/`after`, then in the plugins' order.

    Returns:
        Any number of `Middleware`.

    Example:
        >>> @hookimpl
        ... def fenrir_middleware():
        ...     yield Middleware("trace", Tracer, layer="edge")
    """


@hookspec
def fenrir_observers(build: Build) -> Iterable[Observer]:
    """Observe every connection: which route matched, how it was answered, how long it took, what went wrong.

    Called once. The observers are told of all connections to the app, those to mounted apps, streams and WebSockets
    included, outside of all middleware. An app for which nothing is given pays nothing.

    Args:
        build: Settings, and what earlier phases made.

    Returns:
        Any number of `Observer`.

    Example:
        >>> @hookimpl
        ... def fenrir_observers():
        ...     yield Observer("slow requests", on_end=log_if_slow)
    """


@hookspec
def fenrir_lifespans(build: Build) -> Iterable[Lifespan]:
    """Return what lives as long as the app: pools, clients, schedulers.

    Called once. The server's start-up enters them in order, its shutdown leaves them in
    reverse.

    Returns:
        Any number of `Lifespan`; what `enter` yields (a mapping or None) joins the
        lifespan state.

    Raises:
        BuildError: Two lifespans have one name.

    Example:
        >>> @hookimpl
        ... def fenrir_lifespans():
        ...     yield Lifespan("redis", open_pool)
    """


@hookspec
def fenrir_openapi_parts(build: Build) -> Iterable[OpenAPIPart]:
    """Change the app's OpenAPI document: add responses, headers, security, extensions.

    Called once. The parts are kept, and applied in the plugins' order when the document is
    made, at its first use. An app without the FastAPI plugin has no document.

    Args:
        build: Settings, and what earlier phases made.

    Returns:
        Any number of `OpenAPIPart`.

    Example:
        >>> @hookimpl
        ... def fenrir_openapi_parts():
        ...     yield OpenAPIPart("logo", document=lambda document: document["info"].update({"x-logo": LOGO}))
    """


@hookspec
def fenrir_template_context(build: Build) -> Iterable[TemplateContext]:
    """Share names with the templates of all engines: Flask's, Starlette's, and those of plugins.

    Called once. An engine gets them from `fenrir_core.authoring.template_context` when it
    renders; of a name that comes twice the later plugin's counts, and what a handler passes
    to its template comes before all.

    Args:
        build: Settings, and what earlier phases made.

    Returns:
        Any number of `TemplateContext`.

    Example:
        >>> @hookimpl
        ... def fenrir_template_context():
        ...     yield TemplateContext("user", lambda connection: {"user": user_of(connection)})
    """


# ---------------------------------------------------------------- phase 5: freeze


@hookspec
def fenrir_app_built(app: Any) -> None:
    """Inspect the finished app: export its document, audit its routes.

    Called at the end of the build, and again when something was registered while the app serves.

    Raises:
        BuildError: The app is not acceptable, for example a route without authentication.

    Example:
        >>> @hookimpl
        ... def fenrir_app_built(app):
        ...     print(len(app.routes), "routes")
    """


@lru_cache(maxsize=None)
def answer_kinds(hook: str) -> Tuple[type, ...]:
    """Return the types that a hook's values may have, as the return annotation of its spec says."""
    return types_in(get_type_hints(globals()[hook])["return"])
