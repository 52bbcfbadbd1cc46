"""The observer: a span around each connection, until its last byte is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, Optional

from opentelemetry import context, metrics, propagate, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from fenrir_core import HTTPError, Observation, Observer
from fenrir_core.authoring import get_logger

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
)
from .settings import excluder

if TYPE_CHECKING:
    from contextvars import Token

Attributes = Dict[str, Any]

#: The key of the trace in the state of an observation.
TRACED = "fenrir.otel.traced"
_GETTER: Any = HeaderGetter()
#: The close code of a WebSocket whose handler failed (RFC 6455, section 7.4.1).
_INTERNAL_ERROR = 1011
_MEASURED = (METHOD, SCHEME, ROUTE, STATUS, ERROR_TYPE, VERSION)

logger = get_logger("fenrir.otel")


class Tracing:
    """The tracing of an app's connections.

    Args:
        settings: The settings whose names begin with ``otel``.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.is_excluded = excluder(settings["otel_excluded"])
        self.request_hook, self.response_hook = settings["otel_request_hook"], settings["otel_response_hook"]
        self.tracer = trace.get_tracer("fenrir", __version__, settings["otel_tracer_provider"], SCHEMA_URL)
        meter = metrics.get_meter("fenrir", __version__, settings["otel_meter_provider"])
        self.duration = _histogram(meter)

    def observer(self) -> Observer:
        """Return the observer that traces."""
        return Observer("opentelemetry", self._begin, self._match, self._answer, self._end, self._exit)

    def _begin(self, observation: Observation) -> None:
        scope = observation.scope
        if _is_traced(observation.outer) or self.is_excluded(scope["path"]):
            return  # inside a mount of an app that is traced already, or an excluded path
        found = describe(scope)
        parent = propagate.extract(scope["headers"], getter=_GETTER)
        method = found[METHOD] if found[METHOD] != "_OTHER" else "HTTP"
        span = self.tracer.start_span(method, parent, SpanKind.SERVER, found)
        observation.state[TRACED] = Trace(span, method, found, context.attach(trace.set_span_in_context(span, parent)))
        if self.request_hook is not None and span.is_recording():
            call_hook(self.request_hook, span, scope)

    def _match(self, observation: Observation) -> None:
        traced: Optional[Trace] = observation.state.get(TRACED)
        if traced is not None:
            template = traced.found[ROUTE] = observation.template
            traced.span.update_name(f"{traced.name} {template}")
            traced.span.set_attribute(ROUTE, template)

    def _answer(self, observation: Observation) -> None:
        traced: Optional[Trace] = observation.state.get(TRACED)
        if traced is not None and self.response_hook is not None and traced.span.is_recording():
            call_hook(self.response_hook, traced.span, observation.start)

    def _end(self, observation: Observation) -> None:
        traced: Optional[Trace] = observation.state.get(TRACED)
        if traced is None:
            return
        found = traced.found
        if observation.status:
            found[STATUS] = observation.status
            traced.span.set_attribute(STATUS, observation.status)
        traced.fail_if_failed(observation)
        if observation.scope["type"] != "websocket":
            measured = {name: found[name] for name in _MEASURED if name in found}
            self.duration.record(observation.duration, measured)
        traced.span.end()

    def _exit(self, observation: Observation) -> None:
        traced: Optional[Trace] = observation.state.get(TRACED)
        if traced is not None:
            context.detach(traced.token)


class Trace:
    """The trace of one request.

    Args:
        span: Its span.
        name: The beginning of the span's name.
        found: The attributes so far, which become those of the measurement.
        token: What restores the context of the server.
    """

    def __init__(self, span: Span, name: str, found: Attributes, token: Token[context.Context]) -> None:
        self.span, self.name, self.found, self.token = span, name, found, token

    def fail_if_failed(self, observation: Observation) -> None:
        """Mark the span as failed by an unhandled exception, or by the status."""
        error, status, code = observation.error, observation.status, observation.close_code
        was_raised = isinstance(error, Exception) and not observation.is_complete
        if not (was_raised or status >= 500 or code == _INTERNAL_ERROR):
            return
        crash = None if isinstance(error, HTTPError) else error
        self.found[ERROR_TYPE] = str(code or status) if crash is None else error_type(crash)
        self.span.set_attribute(ERROR_TYPE, self.found[ERROR_TYPE])
        if crash is not None:
            self.span.record_exception(crash)
        self.span.set_status(Status(StatusCode.ERROR, None if crash is None else str(crash)))


def _is_traced(observation: Optional[Observation]) -> bool:
    return observation is not None and (TRACED in observation.state or _is_traced(observation.outer))


def _histogram(meter: metrics.Meter) -> metrics.Histogram:
    """Return the instrument for durations, with buckets for seconds if the API supports that."""
    what = ("http.server.request.duration", "s", "Duration of requests, until the last byte.")
    try:
        return meter.create_histogram(*what, explicit_bucket_boundaries_advisory=BUCKETS)
    except TypeError:  # COMPAT: opentelemetry-api before 1.30 has no advisory buckets
        return meter.create_histogram(*what)


def call_hook(hook: Callable[[Span, object], object], span: Span, about: object) -> None:
    """Call a callback of the app's author; its failure is logged and does not affect the request."""
    try:
        hook(span, about)
    except Exception:
        logger.exception("The hook %r of the setting otel_…_hook failed.", hook)
