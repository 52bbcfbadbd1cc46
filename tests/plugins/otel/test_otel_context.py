"""Where the span is current, which trace it continues, and what the settings change."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import Any, AsyncIterator, Dict, List

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import Span
from tests.plugins.otel.traced_apps import written_in

from fenrir import Depends, Fenrir
from fenrir_core import BuildError, StreamingResponse
from fenrir_core.testing import check_plugin
from fenrir_otel import plugin

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


def test_the_plugin_is_a_proper_one() -> None:
    check_plugin(plugin)


# ---------------------------------------------------------------- where the span is current


def test_the_span_is_current_from_the_dependency_to_the_background_work(telemetry: Any, ask: Any) -> None:
    app, seen = Fenrir(**telemetry.settings), {}

    def see(place: str) -> None:
        seen[place] = trace.get_current_span().get_span_context().span_id

    async def dependency() -> AsyncIterator[int]:
        see("dependency")
        yield 1
        see("clean-up")

    async def items() -> AsyncIterator[str]:
        see("stream")
        yield "a"

    async def background() -> None:
        see("background")

    @app.get("/")
    async def handler(value: int = Depends(dependency)) -> Any:
        see("handler")
        response = StreamingResponse(items())
        response.background = background
        return response

    ask(app, "GET /")
    assert set(seen) == {"dependency", "handler", "stream", "background", "clean-up"}
    assert set(seen.values()) == {telemetry.span.context.span_id}
    assert not trace.get_current_span().get_span_context().is_valid


def test_the_span_is_current_in_a_thread_and_in_an_error_handler(telemetry: Any, ask: Any) -> None:
    app, seen = Fenrir(**telemetry.settings), []

    @app.get("/")
    def fail() -> str:
        seen.append(trace.get_current_span().get_span_context().span_id)
        raise LookupError

    @app.exception_handler(LookupError)
    async def answer(request: Any, error: Any) -> Any:
        seen.append(trace.get_current_span().get_span_context().span_id)
        return "", 404

    ask(app, "GET /")
    assert seen == [telemetry.span.context.span_id] * 2


def test_spans_of_the_app_are_children_of_the_requests_also_in_a_thread(telemetry: Any, ask: Any) -> None:
    app, tracer = Fenrir(**telemetry.settings), telemetry.tracers.get_tracer("app")

    @app.get("/")
    def index() -> str:
        with tracer.start_as_current_span("work"):
            return "done"

    ask(app, "GET /")
    work, request = telemetry.spans
    assert (work.name, request.name) == ("work", "GET /")
    assert work.parent.span_id == request.context.span_id


def test_what_is_logged_of_a_crash_can_be_told_by_its_trace(telemetry: Any, ask: Any) -> None:
    seen: List[int] = []

    class Correlate(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(trace.get_current_span().get_span_context().trace_id)

    handler = Correlate()
    logging.getLogger("fenrir.error").addHandler(handler)
    try:
        ask(written_in("fenrir", **telemetry.settings), "GET /fail")
    finally:
        logging.getLogger("fenrir.error").removeHandler(handler)
    assert seen == [telemetry.span.context.trace_id]


def test_a_parameter_of_the_class_span_is_the_current_one(telemetry: Any, ask: Any) -> None:
    app = Fenrir(**telemetry.settings)

    @app.get("/pets")
    async def pets(span: Span) -> str:
        span.set_attribute("pets.count", 3)
        return "3"

    ask(app, "GET /pets")
    assert telemetry.span.attributes["pets.count"] == 3


def test_a_parameter_of_the_class_span_records_nothing_where_tracing_is_off(ask: Any) -> None:
    app = Fenrir()

    @app.get("/pets")
    async def pets(span: Span) -> str:
        return str(span.is_recording())

    assert ask(app, "GET /pets")[0].text == "False"


# ---------------------------------------------------------------- propagation, sampling, metrics


def test_a_span_continues_the_trace_of_the_client(telemetry: Any, ask: Any) -> None:
    headers = {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01"}
    ask(written_in("fenrir", **telemetry.settings), "GET /items/7", headers=headers)
    span = telemetry.span
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:x}") == (TRACE_ID, "b7ad6b7169203331")
    assert span.parent.is_remote


def test_a_request_that_is_not_sampled_still_hands_its_trace_on(ask: Any) -> None:
    provider = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    hooked: List[Any] = []
    app = Fenrir(otel_tracer_provider=provider, otel_request_hook=lambda span, scope: hooked.append(scope))

    @app.get("/")
    async def index() -> str:
        return f"{trace.get_current_span().get_span_context().trace_id:032x}"

    answer = ask(app, "GET /", headers={"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-00"})[0]
    assert (answer.text, hooked) == (TRACE_ID, [])


def test_the_duration_of_requests_is_measured_by_route_and_status(telemetry: Any, ask: Any) -> None:
    ask(written_in("fenrir", **telemetry.settings), "GET /items/7", "GET /items/8", "GET /nowhere")
    assert telemetry.durations() == {("/items/{item_id}", 200): 2, (None, 404): 1}


# ---------------------------------------------------------------- settings


def test_excluded_paths_are_not_traced(telemetry: Any, ask: Any) -> None:
    app = written_in("fenrir", otel_excluded=["/health", "/static/*"], **telemetry.settings)
    ask(app, "GET /health", "GET /static/a.css", "GET /healthy", "GET /items/7")
    assert [span.attributes["url.path"] for span in telemetry.spans] == ["/healthy", "/items/7"]


def test_excluded_paths_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENRIR_OTEL_EXCLUDED", "/health, /static/*,")
    assert Fenrir().settings["otel_excluded"] == ("/health", "/static/*")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"otel_excluded": ["health"]}, "'health' is no path such as"),
        ({"otel_excluded": ["/*/health"]}, r"'/\*/health' is no path such as"),
        ({"otel_tracer_provider": "console"}, r"it has no get_tracer\(\)"),
        ({"otel_meter_provider": object()}, r"it has no get_meter\(\)"),
        ({"otel_request_hook": "hook"}, "it can't be called"),
    ],
)
def test_wrong_settings_are_found_when_the_app_is_made(settings: Dict[str, Any], message: str) -> None:
    with pytest.raises(BuildError, match=message):
        Fenrir(**settings)


def test_hooks_may_add_to_the_span(telemetry: Any, ask: Any) -> None:
    app = written_in(
        "fenrir",
        otel_request_hook=lambda span, scope: span.set_attribute("url.query", scope["query_string"].decode()),
        otel_response_hook=lambda span, message: span.set_attribute("headers", len(message["headers"])),
        **telemetry.settings,
    )
    ask(app, "GET /items/7?a=1")
    assert (telemetry.span.attributes["url.query"], telemetry.span.attributes["headers"]) == ("a=1", 2)


def test_a_hook_that_fails_is_logged_and_touches_nothing(
    telemetry: Any, ask: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(span: Any, scope: Any) -> None:
        raise LookupError("in the hook")

    answer = ask(written_in("fenrir", otel_request_hook=broken, **telemetry.settings), "GET /items/7")[0]
    assert answer.status == 200 and "in the hook" in caplog.text
    assert telemetry.names == ["GET /items/{item_id}"]


def test_the_switch_off_wins_over_a_provider(telemetry: Any, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENRIR_OTEL", "0")
    ask(written_in("fenrir", **telemetry.settings), "GET /items/7")
    assert telemetry.spans == []


def test_switched_off_nothing_of_opentelemetry_is_imported_and_nothing_is_in_the_way() -> None:
    code = (
        "import sys; from fenrir import Fenrir; app = Fenrir(); app.get('/')(lambda: ''); app.build();"
        "assert 'otel' in [record.name for record in app.plugins.records], app.plugins.records;"
        "print([name for name in sys.modules if name.startswith('opentelemetry')], app.built.observers)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    assert done.stdout.strip() == "[] []"
