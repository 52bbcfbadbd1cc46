"""Say how each parameter is filled."""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

import fenrir_core
from fenrir_core import (
    EMPTY,
    Batch,
    BatchField,
    Build,
    BuildError,
    Connection,
    Constant,
    CurrentConnection,
    Param,
    PathConverter,
    PathValue,
    Provide,
    Resolver,
    Route,
)
from fenrir_core.authoring import ParameterSource, parse_template

from .. import params, type_inspection
from ..response import injected_background, injected_response
from ..security.scopes import SecurityScopes
from ..starlette.requests import HTTPConnection
from .fields import Field, body_fields, make_field, must_embed, take_apart, where_of
from .reader import make_reader

#: What the plugin's own routes have as `Route.where`; those of users have a file there.
OWN = "fenrir_fastapi"
#: Parameters of these names, without annotation, are other paradigms' in the hybrid app.
_OTHERS = frozenset({"request", "req", "resp", "ws", "websocket", "response", "self"})


class AppDependencies:
    """Keep the dependencies that every route of the app has."""

    def __init__(self) -> None:
        self.markers: List[params.Depends] = []


class RouteFacts:
    """Keep what the build finds out about routes, one object an app."""

    def __init__(self) -> None:
        #: Routes whose callables take an injected `Response` or `BackgroundTasks`.
        self.injecting: Dict[Route, bool] = {}
        self._converters: Dict[Route, Mapping[str, PathConverter]] = {}
        self._embed: Dict[Route, bool] = {}

    def converters(self, route: Route, build: Build) -> Mapping[str, PathConverter]:
        """Return the converters of a route's path by parameter."""
        found = self._converters.get(route)
        if found is None:
            found = {}
            if route.path.startswith("/"):
                template = parse_template(route.path, build.converters, _names_of(route), route.where)
                found = {item.name: item.converter for item in template.params}
            self._converters[route] = found
        return found

    def embeds(self, route: Route, build: Build) -> bool:
        """Return whether the route's body is an object with a key for each body parameter."""
        if route not in self._embed:
            names = frozenset(self.converters(route, build))
            extra = tuple(item.dependency for item in route.option("dependencies") or ())
            self._embed[route] = must_embed(body_fields(route, names, extra))
        return self._embed[route]


def _names_of(route: Route) -> FrozenSet[str]:
    code = getattr(getattr(route.endpoint, "__wrapped__", route.endpoint), "__code__", None)
    return frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]) if code else frozenset()


def make_resolver(param: Param, route: Route, build: Build) -> Optional[ParameterSource]:
    """Fill a parameter as FastAPI does; see the hook `fenrir_make_resolver`."""
    if route.option("plain") and param.function is route.endpoint:
        return CurrentConnection()
    bare, metadata, marker, default = take_apart(param, route)
    if isinstance(marker, params.Depends):
        return provide(marker, bare, where_of(param, route))
    if marker is None:
        special = _special(param, bare, route, build)
        if special is not None:
            return special
        if not _is_ours(param, route, build):
            return None
        if param.in_path and _needs_no_check(bare, metadata, build.app.store(RouteFacts), param, route, build):
            return PathValue(param.name)
    field = make_field(param, route)
    return BatchField(BATCH, field)


def provide(marker: params.Depends, bare: Any, where: str) -> Provide:
    """Make of `Depends()` what the kernel runs.

    Raises:
        BuildError: It names no callable.
    """
    function = marker.dependency if marker.dependency is not None else bare
    if function is Any or not callable(function):
        raise BuildError(f"{where} has Depends({function!r}), which is not callable. Give it a function or a class.")
    labels = tuple(marker.scopes) if isinstance(marker, params.Security) else ()
    return Provide(function, marker.use_cache, marker.scope or "request", key=labels or None, labels=labels)


def _special(param: Param, bare: Any, route: Route, build: Build) -> Optional[ParameterSource]:
    """Return what is injected by its annotation alone."""
    if type_inspection.is_class(bare, Connection):
        return CurrentConnection()
    if type_inspection.is_class(bare, HTTPConnection):
        kind = bare
        return Resolver(lambda connection: connection.facade(kind))
    if type_inspection.is_class(bare, SecurityScopes):
        return Constant(SecurityScopes(param.labels), labelled=True)
    facts = build.app.store(RouteFacts)
    if type_inspection.is_class(bare, fenrir_core.Response):
        facts.injecting[route] = True
        return Resolver(injected_response)
    if type_inspection.is_class(bare, fenrir_core.BackgroundTasks):
        facts.injecting[route] = True
        return Resolver(injected_background)
    return None


def _is_ours(param: Param, route: Route, build: Build) -> bool:
    """Return whether a parameter without marker is read from the client."""
    if build.app.paradigm == "fastapi":
        return True
    is_bare = param.annotation in (EMPTY, Any)
    if is_bare and param.name in _OTHERS:
        return False
    if param.function is not route.endpoint:
        return True  # dependencies follow our rules, whoever's the route is
    if not route.methods or route.fallback:
        return False  # listeners, tasks, hooks: read from the client only what is marked so
    if route.paradigm in (None, "fastapi"):
        return True
    return not is_bare and not param.in_path


def _needs_no_check(
    bare: Any, metadata: Tuple[Any, ...], facts: RouteFacts, param: Param, route: Route, build: Build
) -> bool:
    """Return whether the path's converter gives just what the annotation asks for."""
    if param.annotation is EMPTY:
        return True
    if metadata or type_inspection.is_unresolved(bare):
        return False
    converter = facts.converters(route, build).get(param.name)
    gives = _CONVERTED.get(converter.name.partition("(")[0].partition(":")[0]) if converter is not None else None
    return gives is not None and gives is bare


_CONVERTED: Mapping[str, type] = {
    "str": str,
    "string": str,
    "path": str,
    "slug": str,
    "alpha": str,
    "re": str,
    "int": int,
    "float": float,
}


def _make(pairs: Sequence[Tuple[Param, Field]], route: Route, build: Build) -> Resolver:
    facts = build.app.store(RouteFacts)
    has_body = any(item.source == "body" for _, item in pairs)
    if route.is_websocket and has_body:
        raise BuildError(f"{pairs[0][1].where}: a WebSocket has no body; use Query(), Header() or a message.")
    strict = route.option("strict_content_type", True) is not False
    return make_reader(pairs, route, has_body and facts.embeds(route, build), strict)


#: All parameters of one callable are read by one validator.
BATCH = Batch("parameters", _make)


def dependencies_of(route: Route, build: Build) -> List[Provide]:
    """Return the dependencies that a route has besides its parameters: of the app, then of its own option."""
    if route.where == OWN or route.option("plain"):
        return []  # the document and its pages, and what is given the request alone
    where = f"{route.where}: route {route.path!r}"
    markers = [*(build.app.store(AppDependencies).markers), *(route.option("dependencies") or ())]
    return [provide(item, Any, where) for item in markers]
