"""The hook implementations of this plugin; switched off, they add nothing to the app and import nothing."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from fenrir_core import Build, Observer, Param, PluginInfo, Resolver, Setting, hookimpl
from fenrir_core.authoring import flag

from .settings import callback, has, paths

fenrir_plugin = PluginInfo(api="1")

_HELP = {
    "otel": "Whether requests are traced with OpenTelemetry; unset: if there is a tracer provider.",
    "otel_tracer_provider": "The tracer provider; None for the global one.",
    "otel_meter_provider": "The meter provider; None for the global one.",
    "otel_excluded": "Paths that are not traced; '*' at the end matches anything.",
    "otel_request_hook": "Called with each recorded span and the ASGI scope when a request begins.",
    "otel_response_hook": "Called with each recorded span and the ASGI message that starts the response.",
}


@hookimpl
def fenrir_settings() -> Iterable[Setting]:
    """Return the switch, the providers, the excluded paths, and the callbacks."""
    yield Setting("otel", flag, None, "FENRIR_OTEL", _HELP["otel"])
    yield Setting("otel_tracer_provider", has("get_tracer"), None, None, _HELP["otel_tracer_provider"])
    yield Setting("otel_meter_provider", has("get_meter"), None, None, _HELP["otel_meter_provider"])
    yield Setting("otel_excluded", paths, (), "FENRIR_OTEL_EXCLUDED", _HELP["otel_excluded"])
    yield Setting("otel_request_hook", callback, None, None, _HELP["otel_request_hook"])
    yield Setting("otel_response_hook", callback, None, None, _HELP["otel_response_hook"])


@hookimpl
def fenrir_observers(build: Build) -> Iterable[Observer]:
    """Return the observer that traces every connection."""
    switch, provider = build.settings["otel"], build.settings["otel_tracer_provider"]
    if switch or (switch is None and provider is not None):
        from .tracing import Tracing

        yield Tracing(build.settings).observer()


@hookimpl
def fenrir_make_resolver(param: Param) -> Optional[Resolver]:
    """Return the resolver of parameters annotated with OpenTelemetry's `Span`: the current span, or if off, a no-op."""
    # by name: an app that annotates with the class has imported it, others need not
    kind: Any = param.annotation
    if getattr(kind, "__name__", "") != "Span" or getattr(kind, "__module__", "") != "opentelemetry.trace.span":
        return None
    from opentelemetry.trace import get_current_span

    return Resolver(lambda connection: get_current_span())
