"""The OpenAPI document of an app: the routes of all paradigms."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any, Callable, Dict, Iterator, List

from fenrir_core import App, BuildError, Contribution, OpenAPIPart
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import CompiledRoute, JSONObject, can_take

from ..encoders import dumps, jsonable_encoder
from ..options import SETTINGS
from ..starlette.types import Values
from ..state import State
from .constants import ERROR_SCHEMAS, merge_deep
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
    """Return the OpenAPI document of any app, that of a third party's class too; it is made once and kept.

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


def make_document(app: App) -> JSONObject:
    """Return a new document of the app.

    Raises:
        BuildError: A type has no JSON schema, or a response is documented under an invalid status.
    """
    settings = {item.name: app.settings.get(item.name, item.default) for item in SETTINGS}
    schemas = Schemas(app.encoders, settings["separate_input_output_schemas"])
    make_id = settings["generate_unique_id_function"]
    routes = [DocumentedRoute(item, schemas, make_id) for item in app.compiled_routes if not is_hidden(item.route)]
    hooks = [DocumentedRoute(item, schemas, make_id) for item in _described(app, getattr(app, "webhooks", None))]
    for route in routes:
        route.callbacks = [DocumentedRoute(item, schemas, make_id) for item in _callbacks(app, route.route)]
    schemas.generate()
    paths, webhooks = _operations(routes), _operations(hooks)
    callbacks = [item for route in routes for item in route.callbacks]
    _warn_of_duplicates([*routes, *callbacks])
    security: Values = {}
    for route in (*routes, *hooks):
        security.update({scheme.scheme_name: scheme.model for scheme, _ in route.inputs.security})
    has_validation_error = any(route.has_validation_error for route in (*routes, *hooks, *callbacks))
    assembled = _assemble(settings, schemas, paths, webhooks, security, has_validation_error)
    for route in (*routes, *hooks, *callbacks):
        for part in route.parts:
            merge_deep(assembled.setdefault("components", {}), part.get("components", {}))
    finished: Values = without_none(assembled)
    _add_media_types(app, finished, routes)
    _apply_parts(app, finished, routes)
    return finished


def _apply_parts(app: App, document: JSONObject, routes: List[DocumentedRoute]) -> None:
    """Apply the plugins' changes to operations and document."""
    for contribution in app.openapi_parts:
        part = contribution.value
        if part.operation is not None:
            for item in routes:
                for method in item.route.methods:
                    operation = document["paths"][item.path][method.lower()]
                    arguments = (item.route,) if can_take(part.operation, 2) else (item.route, item.compiled)
                    change = partial(part.operation, operation, *arguments)
                    _applied(contribution, change, f" for {item.route.where}: route {item.route}")
        if part.document is not None:
            _applied(contribution, partial(part.document, document))


def _applied(contribution: Contribution[OpenAPIPart], change: Callable[[], None], where: str = "") -> None:
    """Call a function of a plugin's part; `where` names the route.

    Raises:
        RuntimeError: It fails; the message names the plugin and the route.
    """
    try:
        change()
    except Exception as error:
        name, by = contribution.value.name, contribution.by
        raise RuntimeError(f"The OpenAPIPart {name!r} of the plugin {by} failed{where}.") from error


def _add_media_types(app: App, document: JSONObject, routes: List[DocumentedRoute]) -> None:
    """Describe bodies and answers that are JSON in the app's other media types, too."""
    for item in routes:
        for method in item.route.methods:
            operation = document["paths"][item.path][method.lower()]
            answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            for described in (operation.get("requestBody", {}), *answers):
                content = described.get("content", {})
                for name in app.media_types.by_name if "application/json" in content else ():
                    content.setdefault(name, content["application/json"])


def _operations(routes: List[DocumentedRoute]) -> Dict[str, JSONObject]:
    paths: Dict[str, Values] = {}
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
    settings: JSONObject, schemas: Schemas, paths: Any, webhooks: Any, security: Any, has_validation_error: bool
) -> Values:
    info = {"title": settings["title"], "version": settings["version"]}
    for name, key in _INFO.items():
        if settings[name]:
            info[key] = settings[name]
    found: Values = {"openapi": settings["openapi_version"], "info": info}
    if settings["servers"]:
        found["servers"] = settings["servers"]
    found["paths"] = paths
    if webhooks:
        found["webhooks"] = webhooks
    components: Values = {}
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
    encoded: Values = jsonable_encoder(found)
    return encoded


def _check_responses(route: CoreRoute) -> None:
    for key in route.option("responses") or {}:
        text = str(key).upper()
        if not (text == "DEFAULT" or (len(text) == 3 and text[0] in "12345" and (text[1:] == "XX" or text.isdigit()))):
            raise StatusError(
                f"{route.where}: route {route.path!r} documents a response of status {key!r}. "
                "Use a number, a range such as '4XX', or 'default'."
            )
