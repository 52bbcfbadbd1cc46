"""The request of an ASGI application."""

from __future__ import annotations

from typing import NoReturn, Optional

from fenrir_core.authoring import Message, Receive, Scope

from .body_stream import BoundedStream
from .options import RequestOptions
from .request import Request as BaseRequest
from .request_headers import RequestHeaders

__all__ = ["Request"]


class Request(BaseRequest):
    """A request under Falcon's names.

    Args:
        scope: The ASGI scope.
        receive: The server's ASGI callable.
        first_event: A message that was received already.
        options: How the request is read.
    """

    scope: Scope
    get_header = RequestHeaders.get_header  # PERF: without a look for a WSGI environment

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        first_event: Optional[Message] = None,
        options: Optional[RequestOptions] = None,
    ) -> None:
        self._attach(scope, receive, options)
        if first_event is not None:
            self.stream = BoundedStream(receive, first_event, self.content_length)

    @property
    def env(self) -> NoReturn:
        """There is no WSGI environment.

        Raises:
            AttributeError: Always; `scope` is the ASGI scope.
        """
        raise AttributeError("An ASGI request has no env: use scope.")

    def log_error(self, message: str) -> NoReturn:
        """There is no stream of errors in ASGI.

        Raises:
            NotImplementedError: Always; use `logging`.
        """
        raise NotImplementedError("ASGI has no stream of errors: use the module logging.")
