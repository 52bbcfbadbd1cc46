"""Responses that a handler raises or returns."""

from __future__ import annotations

from typing import Any, Optional, Union

from .response import BaseResponse


class HTTPResponse(BaseResponse, Exception):
    """A response that is returned or raised; its headers replace those of the current response."""

    def __init__(
        self, body: Any = "", status: Union[int, str, None] = None, headers: Any = None, **more_headers: Any
    ) -> None:
        BaseResponse.__init__(self, body, status, headers, **more_headers)
        Exception.__init__(self, self.status_line)


class HTTPError(HTTPResponse):
    """An error; the handler of its status (`app.error`) may make a response to it.

    Args:
        status: A number or a status line.
        body: The message for the client.
        exception: The exception that it stands for.
        traceback: The exception's traceback as text.
    """

    default_status = 500

    def __init__(
        self,
        status: Union[int, str, None] = None,
        body: Any = None,
        exception: Optional[BaseException] = None,
        traceback: Optional[str] = None,
        **more_headers: Any,
    ) -> None:
        self.exception, self.traceback = exception, traceback
        super().__init__(body, status, **more_headers)
