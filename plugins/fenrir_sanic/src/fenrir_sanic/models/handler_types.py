"""Types of the functions that are registered with an app."""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Optional, Union

from ..response import BaseHTTPResponse, HTTPResponse

MiddlewareResponse = Union[HTTPResponse, None, Awaitable[Optional[HTTPResponse]]]
RequestMiddlewareType = Callable[[Any], MiddlewareResponse]
ResponseMiddlewareType = Callable[[Any, BaseHTTPResponse], MiddlewareResponse]
ErrorMiddlewareType = Callable[[Any, BaseException], Any]
MiddlewareType = Union[RequestMiddlewareType, ResponseMiddlewareType]
ListenerType = Callable[..., Any]
RouteHandler = Callable[..., Any]
SignalHandler = Callable[..., Any]
