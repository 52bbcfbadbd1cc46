"""The middleware: a span around each connection, until its last byte is sent."""

from __future__ import annotations

import logging
import time
from typing import Any, Dict, Mapping, Optional

from opentelemetry import context, metrics, propagate, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from fenrir_core import HTTPError, Mount
from fenrir_core.authoring import ASGIApp, Message, Receive, Scope, Send, observed

from ._version import __version__
from .attributes import (
    BUCKETS,
    ERROR_TYPE,
    METHOD,
    ROUTE,
    SCHEMA_URL,
    SCHEME,
    STATUS,
    VERSION,
    HeaderGetter,
    describe,
    error_type,
    template_of,
)
from .settings import excluder

#: The key of the scope that says that the request is traced already.
TRACED = "fenrir.otel.traced"
_GETTER: Any = HeaderGetter()
#: The close code of a WebSocket whose handler failed (RFC 6455, section 7.4.1).
_INTERNAL_ERROR = 1011
_MEASURED = (METHOD, SCHEME, ROUTE, STATUS, ERROR_TYPE, VERSION)

logger = logging.getLogger("fenrir.otel")


class Tracing:
    """Middleware that traces every connection of an app.

    Args:
        app: The ASGI app inside.
        settings: The settings whose names begin with ``otel``.
    """

    def __init__(self, app: ASGIApp, settings: Mapping[str, Any]) -> None:
        self.app = app
        self.is_excluded = excluder(settings["otel_excluded"])
        self.request_hook, self.response_hook = settings["otel_request_hook"], settings["otel_response_hook"]
        self.tracer = trace.get_tracer("fenrir", __version__, settings["otel_tracer_provider"], SCHEMA_URL)
        meter = metrics.get_meter("fenrir", __version__, settings["otel_meter_provider"])
        self.duration = _histogram(meter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if TRACED in scope or self.is_excluded(scope["path"]):
            await self.app(scope, receive, send)  # inside a mount of an app that is traced already, or an excluded path
            return
        found = describe(scope)
        parent = propagate.extract(scope["headers"], getter=_GETTER)
        method = found[METHOD] if found[METHOD] != "_OTHER" else "HTTP"
        span = self.tracer.start_span(method, parent, SpanKind.SERVER, found)
        root = (scope.get("root_path") or "").rstrip("/")
        exchange = Exchange(self, span, method, root, found, send, scope["type"] == "websocket")
        token = context.attach(trace.set_span_in_context(span, parent))
        try:
            if self.request_hook is not None and span.is_recording():
                call_hook(self.request_hook, span, scope)
            await self.app({**observed(scope, exchange), TRACED: True}, receive, exchange.send)
        except Exception as error:
            exchange.raised = error
            raise
        finally:
            exchange.finish()
            context.detach(token)


def _histogram(meter: Any) -> Any:
    """Return the instrument for durations, with buckets for seconds if the API supports that."""
    what = ("http.server.request.duration", "s", "Duration of requests, until the last byte.")
    try:
        return meter.create_histogram(*what, explicit_bucket_boundaries_advisory=BUCKETS)
    except TypeError:  # COMPAT: opentelemetry-api before 1.30 has no advisory buckets
        return meter.create_histogram(*what)


class Exchange:
    """The trace of one request: receives what serves it, and what is sent.

    Args:
        tracing: The middleware.
        span: Its span.
        name: The beginning of the span's name.
        path: The prefix of the app, without trailing slash.
        found: The attributes so far, which become those of the measurement.
        send: The server's `send`.
        is_websocket: Whether it is a WebSocket.
    """

    def __init__(
        self, tracing: Tracing, span: Any, name: str, path: str, found: Dict[str, Any], send: Send, is_websocket: bool
    ) -> None:
        self.tracing, self.span, self.name, self.path, self.found = tracing, span, name, path, found
        self._send, self.is_websocket = send, is_websocket
        self.began = time.perf_counter()
        self.status = self.close_code = 0
        #: The exception that was handled, and the one that left the app.
        self.answered: Optional[BaseException] = None
        self.raised: Optional[BaseException] = None
        self.is_over = False

    def append(self, item: Any) -> None:
        """Record what the kernel reports: a mount, the route, an exception that is about to be handled."""
        if isinstance(item, BaseException):
            self.answered = item
        elif isinstance(item, Mount):
            self.path += item.prefix
            self._route(f"{self.path}/*")  # how a foreign app routes the rest is not known
        else:
            self._route(template_of(self.path, item))

    def _route(self, template: str) -> None:
        self.found[ROUTE] = template
        self.span.update_name(f"{self.name} {template}")
        self.span.set_attribute(ROUTE, template)

    async def send(self, message: Message) -> None:
        """Pass a message on; the last one ends the span."""
        kind = message["type"]
        if kind == "http.response.body":
            await self._send(message)
            if not message.get("more_body"):
                self.finish()
            return
        if kind == "http.response.start" or kind == "websocket.http.response.start":
            self._begin(message["status"], message)
        elif kind == "websocket.accept":
            self._begin(101, message)
        elif kind == "websocket.close":
            if not self.status:
                self._begin(403, message)  # ASGI: a close before the handshake is answered with 403
            self.close_code = message.get("code", 1000)
        await self._send(message)

    def _begin(self, status: int, message: Message) -> None:
        self.status = status
        if self.tracing.response_hook is not None and self.span.is_recording():
            call_hook(self.tracing.response_hook, self.span, message)

    def finish(self) -> None:
        """End the span and measure the request; a second call does nothing."""
        if self.is_over:
            return
        self.is_over = True
        span, found, status = self.span, self.found, self.status
        if status:
            found[STATUS] = status
            span.set_attribute(STATUS, status)
        if self.raised is not None or status >= 500 or self.close_code == _INTERNAL_ERROR:
            self._fail(self.raised or self.answered, str(self.close_code or status))
        if not self.is_websocket:
            measured = {name: found[name] for name in _MEASURED if name in found}
            self.tracing.duration.record(time.perf_counter() - self.began, measured)
        span.end()

    def _fail(self, error: Optional[BaseException], code: str) -> None:
        """Mark the span as failed, by an unhandled exception or by the status."""
        crash = None if isinstance(error, HTTPError) else error
        self.found[ERROR_TYPE] = code if crash is None else error_type(crash)
        self.span.set_attribute(ERROR_TYPE, self.found[ERROR_TYPE])
        if crash is not None:
            self.span.record_exception(crash)
        self.span.set_status(Status(StatusCode.ERROR, None if crash is None else str(crash)))


def call_hook(hook: Any, span: Any, about: Any) -> None:
    """Call a callback of the app's author; its failure is logged and does not affect the request."""
    try:
        hook(span, about)
    except Exception:
        logger.exception("The hook %r of the setting otel_…_hook failed.", hook)
