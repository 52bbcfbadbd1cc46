"""Write the OpenAPI document of an app: all its routes, whichever paradigm they are in."""

from __future__ import annotations

import warnings
from typing import Any, Dict, Iterator, List, Optional

from fenrir_core import App, BuildError
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import CompiledRoute

from ..encoders import dumps, jsonable_encoder
from .constants import ERROR_SCHEMAS
from .inputs import hidden
from .operations import RouteView
from .schemas import Schemas

#: Settings that go into the document as they are, under their own names.
_INFO = {
    "summary": "summary",
    "description": "description",
    "terms_of_service": "termsOfService",
    "contact": "contact",
    "license_info": "license",
}


class StatusError(BuildError, ValueError):
    """Say that an answer is described under what is no status."""


class DocumentStore:
    """Keep the finished document, one object an app."""

    def __init__(self) -> None:
        self.document: Optional[Dict[str, Any]] = None
        self.encoded: Optional[bytes] = None


def openapi(app: App) -> Dict[str, Any]:
    """Return the app's OpenAPI document; it is made at its first use and kept.

    Raises:
        BuildError: The app is put together wrongly.
    """
    store = app.store(DocumentStore)
    if store.document is None:
        store.document = make_document(app)
    return store.document


def encoded(app: Any) -> bytes:
    """Return the document as JSON, by way of the app's own `openapi`, which its author may have replaced."""
    store: DocumentStore = app.store(DocumentStore)
    document = app.openapi()
    if document is not store.document:
        return dumps(document)
    if store.encoded is None:
        store.encoded = dumps(document)
    return store.encoded


def make_document(app: App) -> Dict[str, Any]:
    """Write the document.

    Raises:
        BuildError: A type has no JSON schema, or an answer is described under a wrong status.
    """
    schemas = Schemas(app.settings["separate_input_output_schemas"])
    make_id = app.settings["generate_unique_id_function"]
    views = [RouteView(target, schemas, make_id) for target in app.compiled_routes if not hidden(target.route)]
    hooks = [RouteView(target, schemas, make_id) for target in _unserved(app, getattr(app, "webhooks", None))]
    for view in views:
        view.callbacks = [RouteView(item, schemas, make_id) for item in _callbacks(app, view.route)]
    schemas.generate()
    paths, webhooks = _operations(views), _operations(hooks)
    _warn_of_repeats([*views, *(item for view in views for item in view.callbacks)])
    security: Dict[str, Any] = {}
    explains = False
    for view in (*views, *hooks):
        security.update({scheme.scheme_name: scheme.model for scheme, _ in view.taken.security})
        explains = explains or view.explains_errors or any(item.explains_errors for item in view.callbacks)
    finished: Dict[str, Any] = without_none(_assemble(app, schemas, paths, webhooks, security, explains))
    _apply_parts(app, finished, views)
    return finished


def _apply_parts(app: App, document: Dict[str, Any], views: List[RouteView]) -> None:
    """Let the plugins' parts change operations and document."""
    for given in app.built.openapi_parts:
        part = given.value
        if part.operation is not None:
            for view in views:
                for method in view.route.methods:
                    part.operation(document["paths"][view.path][method.lower()], view.route)
        if part.document is not None:
            part.document(document)


def _operations(views: List[RouteView]) -> Dict[str, Dict[str, Any]]:
    paths: Dict[str, Dict[str, Any]] = {}
    for view in views:
        _check_responses(view.route)
        operations = paths.setdefault(view.path, {})
        for method in view.route.methods:
            operations[method.lower()] = view.operation(method)
    return paths


def _warn_of_repeats(views: List[RouteView]) -> None:
    """Warn of operations that have one id, which generated clients can't tell apart."""
    seen: Dict[str, int] = {}
    for view in views:
        for method in view.route.methods:
            found = view.operation_id(method)
            if found in seen and seen[found] != id(view):
                text = f"Duplicate Operation ID {found} for function {view.route.name} at {view.route.where}"
                warnings.warn(text, UserWarning, stacklevel=4)
            seen[found] = id(view)


def _unserved(app: App, router: Any) -> Iterator[Any]:
    """Compile the routes that the document describes and that others serve: webhooks."""
    for route in router.collected() if router is not None else ():
        if isinstance(route, CoreRoute) and not hidden(route):
            target = CompiledRoute(app, route, None)
            app.built.wire(target)
            yield target


def _callbacks(app: App, route: CoreRoute) -> Iterator[Any]:
    for item in route.option("callbacks") or ():
        yield from _unserved(app, item)


def without_none(value: Any) -> Any:
    """Leave out of mappings what is None, at every depth."""
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    return [without_none(item) for item in value] if isinstance(value, list) else value


def _assemble(
    app: App, schemas: Schemas, paths: Any, webhooks: Any, security: Any, explains_errors: bool
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
    if explains_errors:
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
            raise StatusError(f"{route.where}: route {route.path!r} describes an answer of status {key!r}.")
