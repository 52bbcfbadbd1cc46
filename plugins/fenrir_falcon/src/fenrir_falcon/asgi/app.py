"""The application class for ASGI servers."""

from __future__ import annotations

from typing import Any, ClassVar, Tuple

from fenrir_core import App as KernelApp

from ..app import App as BaseApp
from ..asgi_request import Request
from ..asgi_response import Response

__all__ = ["App"]


class App(BaseApp):
    """An ASGI application that follows Falcon's rules; see `fenrir_falcon.App`."""

    is_asgi_only = True
    request_types: ClassVar[Tuple[Any, Any]] = (Request, Request)
    response_types: ClassVar[Tuple[Any, Any]] = (Response, Response)
    __call__ = KernelApp.__call__  # type: ignore[assignment]  # PERF: without the look for a WSGI server
