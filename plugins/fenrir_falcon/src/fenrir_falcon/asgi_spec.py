"""Names of ASGI: types of events and scopes, and close codes of WebSockets.

Source: ASGI 3.0; RFC 6455, section 7.4.
"""

from __future__ import annotations

__all__ = ["EventType", "ScopeType", "WSCloseCode"]


class EventType:
    """The types of ASGI messages."""

    HTTP_REQUEST = "http.request"
    HTTP_RESPONSE_START = "http.response.start"
    HTTP_RESPONSE_BODY = "http.response.body"
    HTTP_DISCONNECT = "http.disconnect"
    LIFESPAN_STARTUP = "lifespan.startup"
    LIFESPAN_STARTUP_COMPLETE = "lifespan.startup.complete"
    LIFESPAN_STARTUP_FAILED = "lifespan.startup.failed"
    LIFESPAN_SHUTDOWN = "lifespan.shutdown"
    LIFESPAN_SHUTDOWN_COMPLETE = "lifespan.shutdown.complete"
    LIFESPAN_SHUTDOWN_FAILED = "lifespan.shutdown.failed"
    WS_CONNECT = "websocket.connect"
    WS_ACCEPT = "websocket.accept"
    WS_RECEIVE = "websocket.receive"
    WS_SEND = "websocket.send"
    WS_DISCONNECT = "websocket.disconnect"
    WS_CLOSE = "websocket.close"


class ScopeType:
    """The types of ASGI scopes."""

    HTTP = "http"
    WS = "websocket"
    LIFESPAN = "lifespan"


class WSCloseCode:
    """The close codes that the framework sends."""

    NORMAL = 1000
    SERVER_ERROR = 1011
    FORBIDDEN = 3403
    PATH_NOT_FOUND = 3404
    HANDLER_NOT_FOUND = 3405
