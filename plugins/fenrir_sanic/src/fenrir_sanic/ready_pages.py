"""The error pages of paths that no route has: rendered at the build, but for the URL in them."""

from __future__ import annotations

from html import escape as escape_html
from logging import DEBUG
from typing import Any, Callable, Dict, Mapping, Optional, Tuple, Type

from fenrir_core import App, Connection
from fenrir_core import MethodNotAllowed as KernelMethodNotAllowed
from fenrir_core import NotFound as KernelNotFound
from fenrir_core.authoring import encode_header, has_error_format

from . import exceptions
from .errorpages import (
    RENDERERS_BY_CONTENT_TYPE,
    BaseRenderer,
    HTMLRenderer,
    JSONRenderer,
    TextRenderer,
    mime_of_headers,
)
from .handlers import ErrorHandler
from .helpers import STATUS_CODES
from .log import logger
from .request.address import sent_path
from .response import HTTPResponse, json
from .state import State

#: Makes the page of a message.
Page = Callable[[str], HTTPResponse]
#: Where the message goes. No renderer changes it, and no page has it.
_HOLE = "\0"
_STATUSES: Mapping[type, int] = {KernelNotFound: 404, KernelMethodNotAllowed: 405}


class ReadyPages:
    """The pages of 404 and 405, for requests of which nothing but the page will be made.

    Args:
        app: Sanic's own app, which is being built.
    """

    def __init__(self, app: App) -> None:
        self._app: Any = app
        self._has_own_requests = app.store(State).request_class is not None
        self._pages: Dict[Tuple[Type[BaseRenderer], int], Page] = {
            (kind, error.status_code): page
            for error in (exceptions.NotFound(_HOLE), exceptions.MethodNotAllowed(_HOLE))
            for kind, page in (
                (TextRenderer, _text_page(TextRenderer, error, str)),
                (HTMLRenderer, _text_page(HTMLRenderer, error, escape_html)),
                (JSONRenderer, _json_page(error)),
            )
        }

    def find(self, connection: Connection, error: BaseException) -> Optional[HTTPResponse]:
        """Return the page that `ErrorHandler.default` would make; None where it, or somebody else, has to.

        Args:
            connection: The request.
            error: What was raised.
        """
        # PERF: no request object, no exception of Sanic's, no renderer: 37 -> 12 us for a 404 in all
        status, app = _STATUSES.get(type(error)), self._app
        if status is None or connection.has_facades or not connection.route.fallback:
            return None  # middleware may have read the body of a request, or begun the response to it
        handler, config = app.error_handler, app.config
        if handler.cached_handlers or type(handler) is not ErrorHandler or app.signal_router.groups:
            return None
        noisy = getattr(config, "NOISY_EXCEPTIONS", False) is True or logger.isEnabledFor(DEBUG)
        if noisy or self._has_own_requests or has_error_format(app):
            return None
        scope = connection.scope
        accept, kind = None, b""
        for name, value in scope["headers"]:
            if name == b"accept":
                accept = value if accept is None else accept
            elif name == b"content-type":
                kind = kind or value
        mime = mime_of_headers(accept, kind, getattr(config, "FALLBACK_ERROR_FORMAT", "auto"))
        page = self._pages.get((RENDERERS_BY_CONTENT_TYPE.get(mime, handler.base), status))
        if page is None:
            return None
        path = sent_path(connection)
        if not isinstance(error, KernelMethodNotAllowed):
            return page(f"Requested URL {path} not found")
        response = page(f"Method {scope['method']} not allowed for URL {path}")
        allowed = ", ".join(error.allowed)
        if allowed:
            response.raw_headers.append(encode_header("allow", allowed))
        return response


def _text_page(kind: Type[BaseRenderer], error: exceptions.SanicException, escape: Callable[[str], str]) -> Page:
    """Return what puts a message into the page of a renderer."""
    whole = kind(None, error, False).render()  # type: ignore[arg-type]  # only the page of development has the request
    before, _, after = whole.body.partition(_HOLE.encode())
    head, status = list(whole.raw_headers), whole.status
    new = HTTPResponse.__new__

    def page(message: str) -> HTTPResponse:
        response = new(HTTPResponse)
        response.body, response.status = before + escape(message).encode() + after, status
        response.background, response.raw_headers = None, head.copy()
        return response

    return page


def _json_page(error: exceptions.SanicException) -> Page:
    status = error.status_code
    description = STATUS_CODES[status].decode()

    def page(message: str) -> HTTPResponse:
        value = {"description": description, "status": status, "message": message}
        return json(value, status, dumps=JSONRenderer.dumps)

    return page
