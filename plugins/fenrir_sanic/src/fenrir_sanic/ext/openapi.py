"""Decorators that describe operations: what they say is in the OpenAPI document of the hybrid app."""

from __future__ import annotations

import inspect
import sys
from typing import Any, Callable, Iterable, List, Optional, Union

from fenrir_core import Build, OpenAPIPart, Route
from fenrir_core.authoring import F, JSONObject

from ..values import Values

_ATTRIBUTE = "__openapi__"
_EXCLUDED = "x-fenrir-excluded"
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object"}


def definition(**fields: Any) -> Callable[[F], F]:
    """Return a decorator that sets fields of an operation, under OpenAPI's names with underscores for capitals."""

    def decorate(handler: F) -> F:
        _fields_of(handler).update(fields)
        return handler

    return decorate


def _fields_of(handler: Any) -> Values:
    found: Values = handler.__dict__.setdefault(_ATTRIBUTE, {})
    return found


def summary(text: str) -> Callable[[F], F]:
    """Return a decorator that sets an operation's summary."""
    return definition(summary=text)


def description(text: str) -> Callable[[F], F]:
    """Return a decorator that sets an operation's description."""
    return definition(description=text)


def operation(name: str) -> Callable[[F], F]:
    """Return a decorator that sets an operation's id."""
    return definition(operationId=name)


def deprecated(handler: Optional[F] = None) -> Any:
    """Return a decorator that marks an operation as deprecated; bare, or called."""
    decorate = definition(deprecated=True)
    return decorate if handler is None else decorate(handler)


def exclude(flag: bool = True) -> Callable[[F], F]:
    """Return a decorator that leaves an operation out of the document."""
    return definition(**{_EXCLUDED: flag})


def tag(*names: str) -> Callable[[F], F]:
    """Return a decorator that adds tags to an operation."""

    def decorate(handler: F) -> F:
        _fields_of(handler).setdefault("tags", []).extend(names)
        return handler

    return decorate


def parameter(
    name: str, schema: Any = str, location: str = "query", *, required: bool = False, description: str = ""
) -> Callable[[F], F]:
    """Return a decorator that adds a parameter to an operation.

    Args:
        name: Its name.
        schema: A type, a model or a JSON schema.
        location: ``query``, ``path``, ``header`` or ``cookie``.
        required: Whether it must be sent; one of the path must in any case.
        description: What it is for.
    """
    found: Values = {"name": name, "in": location, "schema": schema_of(schema)}
    if required or location == "path":
        found["required"] = True
    if description:
        found["description"] = description

    def decorate(handler: F) -> F:
        _fields_of(handler).setdefault("parameters", []).append(found)
        return handler

    return decorate


def body(content: Any, *, required: bool = True, description: str = "") -> Callable[[F], F]:
    """Return a decorator that describes the body of an operation.

    Args:
        content: A model, a type or a JSON schema, sent as JSON; or such by media type.
        required: Whether it must be sent.
        description: What it is for.
    """
    found: Values = {"content": _content(content), "required": required}
    if description:
        found["description"] = description
    return definition(requestBody=found)


def response(status: Union[int, str] = "default", content: Any = None, description: str = "") -> Callable[[F], F]:
    """Return a decorator that describes a response of an operation.

    Args:
        status: Its status.
        content: A model, a type or a JSON schema, sent as JSON; or such by media type.
        description: What it means.
    """
    found: Values = {"description": description or "OK"}
    if content is not None:
        found["content"] = _content(content)

    def decorate(handler: F) -> F:
        _fields_of(handler).setdefault("responses", {})[str(status)] = found
        return handler

    return decorate


def _content(given: Any) -> Values:
    if isinstance(given, dict) and any("/" in str(name) for name in given):
        return {name: {"schema": schema_of(item)} for name, item in given.items()}
    return {"application/json": {"schema": schema_of(given)}}


def schema_of(given: Any) -> Values:
    """Return the JSON schema of a type, a model (pydantic or a class with annotations), or a schema itself."""
    if isinstance(given, dict):
        return given
    if given in _TYPES:
        return {"type": _TYPES[given]}
    model = getattr(given, "model_json_schema", None)
    if model is not None:
        found: Values = model()
        return found
    fields = inspect.get_annotations(given) if hasattr(inspect, "get_annotations") else {}
    fields = fields or getattr(given, "__annotations__", {})
    names = {kind.__name__: kind for kind in _TYPES}
    known = {name: names.get(kind, kind) if isinstance(kind, str) else kind for name, kind in fields.items()}
    properties = {name: {"type": _TYPES[kind]} if kind in _TYPES else {} for name, kind in known.items()}
    return {"type": "object", "title": given.__name__, "properties": properties}


# ------------------------------------------------------------ the document


def parts(build: Build) -> Iterable[OpenAPIPart]:
    """Return the change that adds what decorators and docstrings say of this paradigm's operations."""
    yield OpenAPIPart("sanic operations", operation=_describe, document=_without_excluded)


def _describe(operation: JSONObject, route: Route) -> None:
    if route.paradigm != "sanic":
        return
    view = getattr(route.endpoint, "view_class", None)
    handlers: List[Any] = [route.endpoint]
    if view is not None:
        handlers = [getattr(view, verb.lower(), None) for verb in route.methods]
    for handler in handlers:
        while handler is not None:
            for found in (_from_docstring(handler), _from_sanic_ext(handler), getattr(handler, _ATTRIBUTE, {})):
                _merge(operation, found)
            handler = getattr(handler, "__wrapped__", None)


def _merge(operation: JSONObject, found: Values) -> None:
    for name, value in found.items():
        if name == "parameters":
            known = {(item["name"], item["in"]): item for item in operation.get(name, [])}
            known.update({(item["name"], item["in"]): item for item in value})
            operation[name] = list(known.values())
        elif name == "responses":
            operation[name] = {**operation.get(name, {}), **value}
        else:
            operation[name] = value


def _from_docstring(handler: Any) -> Values:
    """Return the YAML of a docstring behind a line ``openapi:``; empty without PyYAML."""
    before, mark, rest = (inspect.getdoc(handler) or "").partition("openapi:\n")
    if not mark:
        return {}
    try:
        import yaml  # type: ignore[import-untyped,unused-ignore]  # optional, and without types
    except ImportError:
        return {}
    found: Values = {}
    for document in yaml.safe_load_all(rest):
        found.update(document or {})
    lines = before.strip().splitlines()
    if lines:
        found.setdefault("summary", lines[0])
        found.setdefault("description", "\n".join(lines[1:]).strip() or lines[0])
    responses = found.get("responses")
    if responses:
        found["responses"] = {str(status): item for status, item in responses.items()}
    return found


def _from_sanic_ext(handler: Any) -> Values:
    """Return what the decorators of sanic-ext say of a handler; empty where it is not used."""
    builders = sys.modules.get("sanic_ext.extensions.openapi.builders")
    store = builders.OperationStore() if builders is not None else {}
    if handler not in store:
        return {}
    if store[handler]._exclude:
        return {_EXCLUDED: True}
    found: Values = store[handler].build().serialize()
    return found


def _without_excluded(document: JSONObject) -> None:
    for path, item in list(document["paths"].items()):
        for method, operation in list(item.items()):
            if isinstance(operation, dict) and operation.pop(_EXCLUDED, False):
                del item[method]
        if not item:
            del document["paths"][path]
