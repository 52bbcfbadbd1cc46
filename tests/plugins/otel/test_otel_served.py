"""A trace through a real server: from the client's span to the app's, over a socket."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import Any, Dict, Iterator

import httpx
import uvicorn
from opentelemetry import propagate
from opentelemetry.trace import SpanKind
from tests.plugins.otel.traced_apps import written_in


@contextmanager
def served(app: Any, port: int) -> Iterator[str]:
    """Serve an app with uvicorn in a thread, and yield its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert server.started
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


def test_a_clients_span_is_the_parent_of_the_servers(telemetry: Any, free_port: int) -> None:
    tracer = telemetry.tracers.get_tracer("client")
    with served(written_in("fenrir", **telemetry.settings), free_port) as url:
        with tracer.start_as_current_span("buy", kind=SpanKind.CLIENT):
            headers: Dict[str, str] = {}
            propagate.inject(headers)
            answer = httpx.get(f"{url}/items/7", headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()) == (200, {"item_id": 7})
    spans = {span.name: span for span in telemetry.spans}
    assert set(spans) == {"buy", "GET /items/{item_id}"}
    request, buy = spans["GET /items/{item_id}"], spans["buy"]
    assert request.parent.span_id == buy.context.span_id
    assert request.context.trace_id == buy.context.trace_id
    assert request.attributes["server.port"] == free_port
    assert buy.start_time <= request.start_time <= request.end_time
