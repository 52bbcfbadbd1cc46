"""OpenAPI documents from the YAML in endpoints' docstrings."""

from __future__ import annotations

import inspect
import re
from typing import Any, List, NamedTuple, Optional, Sequence

from .requests import Request
from .responses import Response
from .routing import BaseRoute, Host, Mount, Route
from .types import AnyCallable, Values

try:
    import yaml  # type: ignore[import-untyped,unused-ignore]  # its stubs are a package of their own
except ImportError:
    yaml = None

__all__ = ["BaseSchemaGenerator", "EndpointInfo", "OpenAPIResponse", "SchemaGenerator"]

_METHODS = ("get", "post", "put", "patch", "delete", "options")
_CONVERTOR = re.compile(r":\w+}")


class OpenAPIResponse(Response):
    """A document as YAML."""

    media_type = "application/vnd.oai.openapi"

    def render(self, content: Any) -> bytes:
        """Return the document as YAML."""
        assert yaml is not None, "`pyyaml` must be installed to use OpenAPIResponse."
        assert isinstance(content, dict), "The schema passed to OpenAPIResponse should be a dictionary."
        text: str = yaml.dump(content, default_flow_style=False)
        return text.encode("utf-8")


class EndpointInfo(NamedTuple):
    """An operation: its path, its method in lower case, and the function that serves it."""

    path: str
    http_method: str
    func: AnyCallable


class BaseSchemaGenerator:
    """The base of generators, which find the operations."""

    def get_schema(self, routes: Sequence[BaseRoute]) -> Values:
        """Return the document of the routes."""
        raise NotImplementedError

    def get_endpoints(self, routes: Sequence[BaseRoute]) -> List[EndpointInfo]:
        """Return the operations of the routes, those of mounts and hosts included."""
        found: List[EndpointInfo] = []
        for route in routes:
            if isinstance(route, (Mount, Host)):
                prefix = _CONVERTOR.sub("}", route.path) if isinstance(route, Mount) else ""
                found.extend(item._replace(path=prefix + item.path) for item in self.get_endpoints(route.routes or []))
            elif isinstance(route, Route) and route.include_in_schema:
                path = _CONVERTOR.sub("}", route.path)
                if inspect.isroutine(route.endpoint):
                    methods = sorted(method for method in route.methods or ["GET"] if method != "HEAD")
                    found.extend(EndpointInfo(path, method.lower(), route.endpoint) for method in methods)
                else:
                    found.extend(
                        EndpointInfo(path, method, getattr(route.endpoint, method))
                        for method in _METHODS
                        if hasattr(route.endpoint, method)
                    )
        return found

    def parse_docstring(self, func_or_method: AnyCallable) -> Values:
        """Return the YAML of a docstring, which is all of it or what follows ``---``; else an empty dict."""
        text: Optional[str] = func_or_method.__doc__
        if not text:
            return {}
        assert yaml is not None, "`pyyaml` must be installed to use parse_docstring."
        found = yaml.safe_load(inspect.cleandoc(text.rpartition("---")[2]))
        return found if isinstance(found, dict) else {}  # any text is YAML, too

    def OpenAPIResponse(self, request: Request) -> Response:
        """Return the document of the app's routes as a response."""
        return OpenAPIResponse(self.get_schema(routes=request.app.routes))


class SchemaGenerator(BaseSchemaGenerator):
    """A generator of OpenAPI documents.

    Args:
        base_schema: What the document begins with.
    """

    def __init__(self, base_schema: Values) -> None:
        self.base_schema = base_schema

    def get_schema(self, routes: Sequence[BaseRoute]) -> Values:
        """Return the document of the routes."""
        schema = dict(self.base_schema)
        paths = schema.setdefault("paths", {})
        for endpoint in self.get_endpoints(routes):
            parsed = self.parse_docstring(endpoint.func)
            if parsed:
                paths.setdefault(endpoint.path, {})[endpoint.http_method] = parsed
        return schema
