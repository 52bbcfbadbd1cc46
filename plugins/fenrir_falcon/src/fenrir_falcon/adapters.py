"""The adapter for objects of the real Falcon, which need not be installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Iterator, Union

from fenrir_core import Connection, Response
from fenrir_core.authoring import Adapter, MountedRoute

from .http_error import HTTPError, pairs_of
from .redirects import HTTPStatus


def from_error(connection: Connection, error: Any) -> HTTPError:
    """Return our `HTTPError`."""
    link = error.link or {}
    return HTTPError(
        error.status_code,
        title=error.title,
        description=error.description,
        headers=pairs_of(error.headers),
        href=link.get("href"),
        href_text=link.get("text"),
        code=error.code,
    )


def from_status(connection: Connection, error: Any) -> Union[HTTPStatus, Response]:
    """Return our `HTTPStatus`; in an app without this paradigm, which has no handler of it, the response."""
    headers = pairs_of(error.headers)
    if "falcon" in connection.app.plugins.order:
        return HTTPStatus(error.status_code, headers, error.text)
    is_typed = any(name.lower() == "content-type" for name, _ in headers)
    return Response(error.text or "", error.status_code, headers, None if is_typed or not error.text else "text/plain")


def list_routes(app: Any) -> Iterator[MountedRoute]:
    """List the routes of one of Falcon's apps, by its own `falcon.inspect`."""
    inspect = import_module("falcon.inspect")
    for route in inspect.inspect_routes(app):
        for method in route.methods:
            if not method.internal:
                handler = f"{route.class_name}.{method.function_name}"
                yield MountedRoute((method.method,), route.path, route.class_name, handler, method.source_info)


_APPS = ("falcon.app.App", "falcon.asgi.app.App")
falcon = Adapter(
    errors={"falcon.http_error.HTTPError": from_error, "falcon.http_status.HTTPStatus": from_status},
    apps=_APPS,
    routes=dict.fromkeys(_APPS, list_routes),
)
