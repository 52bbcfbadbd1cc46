"""OpenTelemetry as a plugin: hooks only. Switched off, it gives the app nothing and imports nothing."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from fenrir_core import Build, Middleware, Param, PluginInfo, Resolver, Setting, hookimpl
from fenrir_core.authoring import flag

from .settings import callback, has, paths

fenrir_plugin = PluginInfo(api="1")

_HELP = {
    "otel": "Whether requests are traced with OpenTelemetry; unset: where there is a tracer provider.",
    "otel_tracer_provider": "The tracer provider; None for the global one.",
    "otel_meter_provider": "The meter provider; None for the global one.",
    "otel_excluded": "Paths that are not traced; '*' at the end stands for whatever follows.",
    "otel_request_hook": "Called with each recorded span and the ASGI scope when a request begins.",
    "otel_response_hook": "Called with each recorded span and the ASGI message that starts the answer.",
}


@hookimpl
def fenrir_settings() -> Iterable[Setting]:
    """Declare the switch, the providers, what is left out, and the callbacks."""
    yield Setting("otel", flag, None, "FENRIR_OTEL", _HELP["otel"])
    yield Setting("otel_tracer_provider", has("get_tracer"), None, None, _HELP["otel_tracer_provider"])
    yield Setting("otel_meter_provider", has("get_meter"), None, None, _HELP["otel_meter_provider"])
    yield Setting("otel_excluded", paths, (), "FENRIR_OTEL_EXCLUDED", _HELP["otel_excluded"])
    yield Setting("otel_request_hook", callback, None, None, _HELP["otel_request_hook"])
    yield Setting("otel_response_hook", callback, None, None, _HELP["otel_response_hook"])


@hookimpl
def fenrir_middleware(build: Build) -> Iterable[Middleware]:
    """Trace every connection, outside of everything else."""
    switch, provider = build.settings["otel"], build.settings["otel_tracer_provider"]
    if switch or (switch is None and provider is not None):
        from .tracing import Tracing

        yield Middleware("opentelemetry", lambda app: Tracing(app, build.settings), layer="edge")


@hookimpl
def fenrir_make_resolver(param: Param) -> Optional[Resolver]:
    """Pass the current span to parameters annotated with OpenTelemetry's `Span`; off, one that records nothing."""
    # by name: who uses the class has imported it, and nobody else shall
    kind: Any = param.annotation
    if getattr(kind, "__name__", "") != "Span" or getattr(kind, "__module__", "") != "opentelemetry.trace.span":
        return None
    from opentelemetry.trace import get_current_span

    return Resolver(lambda connection: get_current_span())
