"""The routes of a legacy application in the OpenAPI document of the app, by choice."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Dict, Iterator, List, Mapping

from fenrir_core import Build, OpenAPIPart, PathConverter
from fenrir_core.authoring import JSONObject, parse_template

from .legacy import LegacyApp
from .takeover import State

_SCHEMAS: Dict[str, JSONObject] = {
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "uuid": {"type": "string", "format": "uuid"},
}
_parameters = re.compile(r"\{([^{}]*)\}")
_METHODS = frozenset(("get", "put", "post", "delete", "options", "head", "patch", "trace"))


def parts(build: Build) -> Iterator[OpenAPIPart]:
    """Return what adds the routes of the legacy applications that are to be listed."""
    state: State = build.app.store(State)
    for takeover in state.takeovers:
        if takeover.in_openapi:
            yield OpenAPIPart(
                f"takeover {takeover.legacy.name}", document=partial(add, takeover.legacy, build.converters)
            )


def add(legacy: LegacyApp, converters: Mapping[str, PathConverter], document: JSONObject) -> None:
    """Add operations for the routes of a legacy application that no route of the app has.

    Of an operation only its path, its method and its path parameters are known. A route that names no method is
    listed with GET.

    Args:
        legacy: The application.
        converters: The app's converters of paths.
        document: The document, which is changed.
    """
    paths: Dict[str, Any] = document.setdefault("paths", {})
    same = {_parameters.sub("{}", path): path for path in paths}
    for route in legacy.known:
        template = parse_template(legacy.prefix + route.path, converters)
        # two paths that differ only in the names of parameters are one path for OpenAPI
        path = same.setdefault(_parameters.sub("{}", template.openapi), template.openapi)
        described = _described(path, [param.converter.name for param in template.params])
        for method in (name.lower() for name in route.methods or ("GET",)):
            if method not in _METHODS or method in paths.get(path, {}):
                continue
            name = f"{legacy.name}.{route.name}" if route.name else f"{legacy.name} {path}"
            operation: JSONObject = {
                "tags": [legacy.name],
                "summary": name,
                "operationId": re.sub(r"\W", "_", f"{name}_{path}_{method}"),
                "responses": {"default": {"description": f"What the {legacy.framework} application answers."}},
            }
            if described:
                operation["parameters"] = described
            paths.setdefault(path, {})[method] = operation


def _described(path: str, converters: List[str]) -> List[JSONObject]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _SCHEMAS.get(converter, {"type": "string"})}
        for name, converter in zip(_parameters.findall(path), converters)
    ]
