"""Checks of path operations when they are declared, so that the traceback ends in the faulty line."""

from __future__ import annotations

import re
from typing import Any, FrozenSet, Iterator, List, Set, Tuple

from pydantic import TypeAdapter
from pydantic.errors import PydanticSchemaGenerationError
from typing_extensions import get_args

import fenrir_core
from fenrir_core import Route
from fenrir_core.authoring import EncodersLike, name_of

from . import params, return_values, type_inspection
from .encoded_types import with_encoders
from .exceptions import DeclarationError, DependencyScopeError, PydanticV1NotSupportedError
from .parameters.fields import make_field, named_params_of, take_apart
from .return_kinds import is_generator
from .security.scopes import SecurityScopes
from .starlette.requests import HTTPConnection
from .starlette.routing import REQUEST_ONLY

_NAMES = re.compile(r"{([^{}:]+)")
_INJECTED = (fenrir_core.Connection, HTTPConnection, fenrir_core.Response, fenrir_core.BackgroundTasks, SecurityScopes)


def check_declaration(route: Route) -> None:
    """Check the parameters and dependencies of a route, as far as they are known.

    Raises:
        ParameterError: A parameter has a type that its place can't have, or markers that contradict one another.
        DependencyScopeError: A dependency depends on one that is closed before it.
    """
    names = frozenset(_NAMES.findall(route.path))
    for function in (*(item.dependency for item in route.option("dependencies") or ()), route.endpoint):
        _check_callable(function, route, names, set())
    for model in _models(route):
        _refuse_old_models(model, route.where)


def _depends_of(function: Any, route: Route, names: FrozenSet[str]) -> Iterator[Tuple[Any, params.Depends]]:
    """Iterate over the dependencies that a callable takes as parameters, with their markers."""
    for param in named_params_of(function, route, names):
        bare, _, marker, _ = take_apart(param, route)
        if isinstance(marker, params.Depends):
            yield marker.dependency or bare, marker


def _check_callable(function: Any, route: Route, names: FrozenSet[str], seen: Set[int]) -> None:
    if function is None or id(function) in seen or not callable(function):
        return
    seen.add(id(function))
    found: List[Tuple[Any, params.Depends]] = []
    for param in named_params_of(function, route, names):
        bare, _, marker, _ = take_apart(param, route)
        _refuse_old_models(bare, route.where)
        if isinstance(marker, params.Depends):
            found.append((marker.dependency or bare, marker))
        elif not type_inspection.is_unresolved(param.annotation) and not type_inspection.is_class(bare, _INJECTED):
            make_field(param, route)
    for dependency, marker in found:
        _check_scope(dependency, marker, route, names)
        _check_callable(dependency, route, names, seen)


def _refuse_old_models(annotation: Any, where: str) -> None:
    """Raise for a model of pydantic 1, at any depth."""
    if any(base.__module__.startswith("pydantic.v1.") for base in getattr(annotation, "__mro__", ())):
        raise PydanticV1NotSupportedError(
            f"{where}: pydantic.v1 models are no longer supported: {annotation!r}. Use pydantic.BaseModel as its base."
        )
    for part in get_args(annotation):
        _refuse_old_models(part, where)


def _check_scope(dependency: Any, marker: params.Depends, route: Route, names: FrozenSet[str]) -> None:
    if marker.scope == "function" or not callable(dependency) or not is_generator(dependency):
        return
    for _, inner in _depends_of(dependency, route, names):
        if inner.scope == "function":
            name = getattr(dependency, "__name__", type(dependency).__name__)
            raise DependencyScopeError(
                f'The dependency "{name}" has a scope of "request", it cannot depend on dependencies with scope '
                f'"function": those are closed before it ({route.where}).'
            )


def _models(route: Route) -> List[Any]:
    if route.is_websocket or route.option(REQUEST_ONLY):
        return []
    models = [return_values.response_model(route)]
    models += [item.get("model") for item in (route.option("responses") or {}).values() if item]
    return [model for model in models if model is not None]


def check_responses(route: Route, encoders: EncodersLike) -> None:
    """Check the response models of a route that an app has.

    Args:
        route: The route.
        encoders: The app's: what they write needs no pydantic.

    Raises:
        DeclarationError: Pydantic can't validate a response model.
    """
    for model in _models(route):
        if not type_inspection.is_unresolved(model):
            _check_model(route, with_encoders(model, encoders))


def _check_model(route: Route, model: Any) -> None:
    try:
        TypeAdapter(model)
    except PydanticSchemaGenerationError as error:
        first = str(error).strip().splitlines()[0]
        raise DeclarationError(
            f"{route.where}: {name_of(route.endpoint)}() returns {model!r}, which is not a valid Pydantic field "
            f"type ({first}). Return one that is, or that a plugin has an encoder of, or a Response, or set the "
            "parameter response_model=None."
        ) from error
    except Exception:  # a name that is defined later: the build checks again
        return
