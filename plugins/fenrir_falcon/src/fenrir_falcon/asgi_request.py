"""The request of an ASGI application."""

from __future__ import annotations

from typing import Optional

from fenrir_core.authoring import Message, Receive, Scope

from .body_stream import BoundedStream
from .options import RequestOptions
from .request import Request as BaseRequest

__all__ = ["Request"]


class Request(BaseRequest):
    """A request under Falcon's names.

    Args:
        scope: The ASGI scope.
        receive: The server's ASGI callable.
        first_event: A message that was received already.
        options: How the request is read.
    """

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
