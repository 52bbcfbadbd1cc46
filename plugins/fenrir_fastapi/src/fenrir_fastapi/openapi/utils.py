"""The OpenAPI document of any list of routes."""

from __future__ import annotations

from typing import Any, ClassVar, List, Optional, Sequence, Set

from fenrir_core import App, Mount
from fenrir_core import Route as CoreRoute

from ..starlette.types import Values
from ..utils import generate_operation_id_for_path
from .document import make_document

__all__ = ["generate_operation_id", "generate_operation_summary", "get_openapi", "get_openapi_operation_metadata"]


def generate_operation_id(*, route: Any, method: str) -> str:
    """Return the id of an operation for one of its methods (deprecated)."""
    found: str = route.operation_id or generate_operation_id_for_path(
        name=route.name, path=route.path_format, method=method
    )
    return found


def generate_operation_summary(*, route: Any, method: str) -> str:
    """Return the summary of an operation; made of its name by default."""
    return str(route.summary or route.name.replace("_", " ").title())


def get_openapi_operation_metadata(*, route: Any, method: str, operation_ids: Set[str]) -> Values:
    """Return the tags, summary, description, id and deprecation of an operation; the id is added to the known ones."""
    found = {"tags": route.tags, "summary": generate_operation_summary(route=route, method=method)}
    operation_id = route.operation_id or route.unique_id
    found.update(description=route.description, operationId=operation_id, deprecated=route.deprecated)
    operation_ids.add(operation_id)
    return {name: value for name, value in found.items() if value}


class _DocumentedApp(App):
    """An app that is only documented."""

    paradigm: ClassVar[Optional[str]] = "fastapi"
    webhooks: Any = None


class _Routes:
    """A list of routes with the interface of a router."""

    def __init__(self, routes: Sequence[Any]) -> None:
        self.routes = routes

    def collected(self) -> List[Any]:
        """Return the kernel's routes."""
        return [item for route in self.routes for item in route.collected()]


def get_openapi(
    *,
    title: str,
    version: str,
    openapi_version: str = "3.1.0",
    summary: Optional[str] = None,
    description: Optional[str] = None,
    routes: Sequence[Any],
    webhooks: Optional[Sequence[Any]] = None,
    tags: Optional[List[Values]] = None,
    servers: Optional[List[Values]] = None,
    terms_of_service: Optional[str] = None,
    contact: Optional[Values] = None,
    license_info: Optional[Values] = None,
    separate_input_output_schemas: bool = True,
    external_docs: Optional[Values] = None,
) -> Values:
    """Return the OpenAPI document of routes.

    Args:
        title, version, summary, description, tags, servers, terms_of_service, contact, license_info,
            external_docs: The description of the API.
        openapi_version: The version of the specification in the document.
        routes: The routes of an app (`app.routes`).
        webhooks: The routes of its webhooks.
        separate_input_output_schemas: Whether a model may have another schema in responses than in requests.
    """
    app = _DocumentedApp(
        title=title, version=version, openapi_version=openapi_version, summary=summary, description=description,
        openapi_tags=tags, servers=servers, terms_of_service=terms_of_service, contact=contact,
        license_info=license_info, separate_input_output_schemas=separate_input_output_schemas,
        openapi_external_docs=external_docs, openapi_url="",
    )  # fmt: skip
    for item in _Routes(routes).collected():
        if isinstance(item, (CoreRoute, Mount)):
            app.register(item)
    if webhooks:
        app.webhooks = _Routes(webhooks)
    return make_document(app)
