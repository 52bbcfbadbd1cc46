"""The source that fills each parameter."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any, Dict, Hashable, List, Mapping, Optional, Sequence, Tuple

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
from fenrir_core.authoring import ParameterSource, facade_reader, parameter_names, parse_template

from .. import params, type_inspection
from ..likeness import likeness
from ..response import injected_background, injected_response
from ..security.scopes import SecurityScopes
from ..starlette.requests import HTTPConnection, Request
from ..starlette.routing import REQUEST_ONLY
from ..starlette.websockets import WebSocket
from ..state import State
from .fields import Field, body_fields, known_part, make_field, must_embed, take_apart, where_of
from .limits import limited
from .reader import make_reader

#: The `Route.where` of the plugin's own routes; those of users have a file there.
OWN = "fenrir_fastapi"
#: Names of parameters that, without annotation, belong to other paradigms in the hybrid app.
_OTHERS = frozenset({"request", "req", "resp", "ws", "websocket", "response", "self"})


def _converters_of(route: Route, build: Build) -> Mapping[str, PathConverter]:
    """Return the converters of a route's path by parameter."""
    known: Dict[Route, Mapping[str, PathConverter]] = build.app.store(State).converters
    if route not in known:
        found: Dict[str, PathConverter] = {}
        if route.path.startswith("/"):
            template = parse_template(route.path, build.converters, parameter_names(route.endpoint), route.where)
            found = {item.name: item.converter for item in template.params}
        known[route] = MappingProxyType(found)  # nothing that a snapshot of the registrations copies
    return known[route]


def _embeds(route: Route, build: Build) -> bool:
    """Return whether the route's body is an object with a key for each body parameter."""
    known: Dict[Route, bool] = build.app.store(State).embedding
    if route not in known:
        names = frozenset(_converters_of(route, build))
        extra = tuple(item.dependency for item in route.option("dependencies") or ())
        known[route] = must_embed(body_fields(route, names, extra))
    return known[route]


def make_resolver(param: Param, route: Route, build: Build) -> Optional[ParameterSource]:
    """Return the source of a parameter by FastAPI's rules; see the hook `fenrir_make_resolver`."""
    if route.option(REQUEST_ONLY) and param.function is route.endpoint:
        return CurrentConnection()
    if isinstance(param.annotation, str):
        param = replace(param, annotation=known_part(param, route))
    bare, metadata, marker, default = take_apart(param, route)
    if isinstance(marker, params.Depends):
        return provide(marker, bare, where_of(param, route), route.namespace)
    if marker is None:
        special = _special(param, bare, route, build)
        if special is not None:
            return special
        if not _is_ours(param, route, build):
            return None
        if param.in_path and _is_valid_as_converted(bare, metadata, param, route, build):
            return PathValue(param.name)
    known: Dict[Hashable, Tuple[BatchField, Param]] = build.app.store(State).fields
    key = likeness(param)
    found = known.get(key)  # another build may clear it any time
    if found is None:
        # the parameter keeps alive what the key has the identity of
        found = known[key] = BatchField(BATCH, make_field(param, route)), param
    return found[0]


def provide(marker: params.Depends, bare: Any, where: str, namespace: Optional[Mapping[str, Any]] = None) -> Provide:
    """Return the kernel's dependency for a `Depends()` marker.

    Raises:
        BuildError: The dependency is not callable.
    """
    function = marker.dependency if marker.dependency is not None else bare
    if function is Any or not callable(function):
        raise BuildError(f"{where} has Depends({function!r}), which is not callable. Pass it a function or a class.")
    labels = tuple(marker.scopes) if isinstance(marker, params.Security) else ()
    return Provide(
        limited(function, marker, namespace),
        marker.use_cache,
        marker.scope or "request",
        key=labels or None,
        labels=labels,
    )


def _special(param: Param, bare: Any, route: Route, build: Build) -> Optional[ParameterSource]:
    """Return the source of a parameter that its annotation alone decides, or None."""
    if type_inspection.is_class(bare, Connection):
        return CurrentConnection()
    if type_inspection.is_class(bare, HTTPConnection):
        kind = bare
        if param.default is not EMPTY and issubclass(kind, Request if route.is_websocket else WebSocket):
            return Constant(param.default)  # a dependency of HTTP routes and of WebSockets
        return Resolver(facade_reader(kind))
    if type_inspection.is_class(bare, SecurityScopes):
        return Constant(SecurityScopes(param.labels), labelled=True)
    if type_inspection.is_class(bare, fenrir_core.Response):
        build.app.store(State).injecting.add(route)
        return Resolver(injected_response)
    if type_inspection.is_class(bare, fenrir_core.BackgroundTasks):
        build.app.store(State).injecting.add(route)
        return Resolver(injected_background)
    return None


def _is_ours(param: Param, route: Route, build: Build) -> bool:
    """Return whether a parameter without marker is read from the request."""
    if build.app.paradigm == "fastapi":
        return True
    is_bare = param.annotation in (EMPTY, Any)
    if is_bare and param.name in _OTHERS:
        return False
    if param.function is not route.endpoint:
        return True  # dependencies follow these rules in routes of every paradigm
    if not route.methods or route.fallback:
        return False  # listeners, tasks, hooks: only marked parameters are read from the request
    if route.paradigm in (None, "fastapi"):
        return True
    return not is_bare and not param.in_path


def _is_valid_as_converted(bare: Any, metadata: Tuple[Any, ...], param: Param, route: Route, build: Build) -> bool:
    """Return whether the path's converter returns exactly the type of the annotation."""
    if param.annotation is EMPTY:
        return True
    if metadata or type_inspection.is_unresolved(bare):
        return False
    converter = _converters_of(route, build).get(param.name)
    if converter is None:
        return False
    converted = _CONVERTED.get(converter.name.partition("(")[0].partition(":")[0])
    return converted is not None and converted is bare


#: What the path converters return, by name.
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
    has_body = any(item.source == "body" for _, item in pairs)
    if route.is_websocket and has_body:
        raise BuildError(f"{pairs[0][1].where}: a WebSocket has no body. Use Query(), Header() or a message.")
    strict = route.option("strict_content_type", True) is not False
    embeds = has_body and _embeds(route, build)
    return make_reader(pairs, route, embeds, strict, build.app.store(State).readers)


#: The parameters of one callable, which one validator reads together.
BATCH = Batch("parameters", _make)


def dependencies_of(route: Route, build: Build) -> List[Provide]:
    """Return the dependencies of a route's option `dependencies`."""
    if route.where == OWN or (build.app.paradigm is not None and route.option(REQUEST_ONLY)):
        # COMPAT: the document and its pages; in FastAPI's own class endpoints that take only the request, as there
        return []
    where = f"{route.where}: route {route.path!r}"
    return [provide(item, Any, where, route.namespace) for item in route.option("dependencies") or ()]
