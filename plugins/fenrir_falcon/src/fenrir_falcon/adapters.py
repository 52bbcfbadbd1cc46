"""The adapter for objects of the real Falcon, which need not be installed."""

from __future__ import annotations

from typing import Any, Union

from fenrir_core import Connection, Response
from fenrir_core.authoring import Adapter

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


falcon = Adapter(
    errors={"falcon.http_error.HTTPError": from_error, "falcon.http_status.HTTPStatus": from_status},
    apps=("falcon.app.App", "falcon.asgi.app.App"),
)
