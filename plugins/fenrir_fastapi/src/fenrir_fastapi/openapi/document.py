"""The OpenAPI document of an app: the routes of all paradigms."""

from __future__ import annotations

import warnings
from typing import Any, Dict, Iterator, List

from fenrir_core import App, BuildError
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import CompiledRoute

from ..encoders import dumps, jsonable_encoder
from ..state import State
from .constants import ERROR_SCHEMAS
from .inputs import is_hidden
from .operations import DocumentedRoute
from .schemas import Schemas

#: Settings that are copied into the document's `info`, and their keys there.
_INFO = {
    "summary": "summary",
    "description": "description",
    "terms_of_service": "termsOfService",
    "contact": "contact",
    "license_info": "license",
}


class StatusError(BuildError, ValueError):
    """Raised for a response that is documented under an invalid status."""


def openapi(app: App) -> Dict[str, Any]:
    """Return the app's OpenAPI document; it is made once and kept.

    Raises:
        BuildError: The app can't be built or documented.
    """
    state = app.store(State)
    if state.document is None:
        state.document = make_document(app)
    return state.document


def encoded(app: Any) -> bytes:
    """Return the document as JSON, from the app's method `openapi`, which its author may have replaced."""
    state: State = app.store(State)
    document = app.openapi()
    if document is not state.document:
        return dumps(document)
    if state.encoded_document is None:
        state.encoded_document = dumps(document)
    return state.encoded_document


def make_document(app: App) -> Dict[str, Any]:
    """Return a new document of the app.

    Raises:
        BuildError: A type has no JSON schema, or a response is documented under an invalid status.
    """
    schemas = Schemas(app.settings["separate_input_output_schemas"])
    make_id = app.settings["generate_unique_id_function"]
    routes = [DocumentedRoute(item, schemas, make_id) for item in app.compiled_routes if not is_hidden(item.route)]
    hooks = [DocumentedRoute(item, schemas, make_id) for item in _described(app, getattr(app, "webhooks", None))]
    for route in routes:
        route.callbacks = [DocumentedRoute(item, schemas, make_id) for item in _callbacks(app, route.route)]
    schemas.generate()
    paths, webhooks = _operations(routes), _operations(hooks)
    callbacks = [item for route in routes for item in route.callbacks]
    _warn_of_duplicates([*routes, *callbacks])
    security: Dict[str, Any] = {}
    for route in (*routes, *hooks):
        security.update({scheme.scheme_name: scheme.model for scheme, _ in route.inputs.security})
    has_validation_error = any(route.has_validation_error for route in (*routes, *hooks, *callbacks))
    assembled = _assemble(app, schemas, paths, webhooks, security, has_validation_error)
    finished: Dict[str, Any] = without_none(assembled)
    _apply_parts(app, finished, routes)
    return finished


def _apply_parts(app: App, document: Dict[str, Any], routes: List[DocumentedRoute]) -> None:
    """Apply the plugins' changes to operations and document."""
    for contribution in app.openapi_parts:
        part = contribution.value
        try:
            if part.operation is not None:
                for item in routes:
                    for method in item.route.methods:
                        part.operation(document["paths"][item.path][method.lower()], item.route)
            if part.document is not None:
                part.document(document)
        except Exception as error:
            raise RuntimeError(f"The OpenAPIPart {part.name!r} of the plugin {contribution.by} failed.") from error


def _operations(routes: List[DocumentedRoute]) -> Dict[str, Dict[str, Any]]:
    paths: Dict[str, Dict[str, Any]] = {}
    for item in routes:
        _check_responses(item.route)
        operations = paths.setdefault(item.path, {})
        for method in item.route.methods:
            operations[method.lower()] = item.operation(method)
    return paths


def _warn_of_duplicates(routes: List[DocumentedRoute]) -> None:
    """Warn of operations with the same id, which generated clients can't tell apart."""
    seen: Dict[str, int] = {}
    for item in routes:
        for method in item.route.methods:
            found = item.operation_id(method)
            if found in seen and seen[found] != id(item):
                text = f"Duplicate Operation ID {found} for function {item.route.name} at {item.route.where}"
                warnings.warn(text, UserWarning, stacklevel=4)
            seen[found] = id(item)


def _described(app: App, router: Any) -> Iterator[CompiledRoute]:
    """Compile routes that are only documented: webhooks and callbacks."""
    for route in router.collected() if router is not None else ():
        if isinstance(route, CoreRoute) and not is_hidden(route):
            yield app.compile_route(route)


def _callbacks(app: App, route: CoreRoute) -> Iterator[CompiledRoute]:
    for item in route.option("callbacks") or ():
        yield from _described(app, item)


def without_none(value: Any) -> Any:
    """Return a value whose mappings have no None, at any depth."""
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    return [without_none(item) for item in value] if isinstance(value, list) else value


def _assemble(
    app: App, schemas: Schemas, paths: Any, webhooks: Any, security: Any, has_validation_error: bool
) -> Dict[str, Any]:
    settings = app.settings
    info = {"title": settings["title"], "version": settings["version"]}
    for name, key in _INFO.items():
        if settings[name]:
            info[key] = settings[name]
    found: Dict[str, Any] = {"openapi": settings["openapi_version"], "info": info}
    if settings["servers"]:
        found["servers"] = settings["servers"]
    found["paths"] = paths
    if webhooks:
        found["webhooks"] = webhooks
    components: Dict[str, Any] = {}
    models = dict(schemas.components)
    if has_validation_error:
        for name, schema in ERROR_SCHEMAS.items():
            models.setdefault(name, schema)
    if models:
        components["schemas"] = {name: models[name] for name in sorted(models)}
    if security:
        components["securitySchemes"] = security
    if components:
        found["components"] = components
    if settings["openapi_tags"]:
        found["tags"] = settings["openapi_tags"]
    if settings["openapi_external_docs"]:
        found["externalDocs"] = settings["openapi_external_docs"]
    encoded: Dict[str, Any] = jsonable_encoder(found)
    return encoded


def _check_responses(route: CoreRoute) -> None:
    for key in route.option("responses") or {}:
        text = str(key).upper()
        if not (text == "DEFAULT" or (len(text) == 3 and text[0] in "12345" and (text[1:] == "XX" or text.isdigit()))):
            raise StatusError(
                f"{route.where}: route {route.path!r} documents a response of status {key!r}. "
                "Use a number, a range such as '4XX', or 'default'."
            )
