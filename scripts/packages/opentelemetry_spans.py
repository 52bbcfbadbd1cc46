"""OpenTelemetry's ASGI instrumentation: spans of requests, and those of handlers inside of them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import StreamingResponse
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

PACKAGE = "opentelemetry-instrumentation-asgi"
exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
tracer = provider.get_tracer("own")
app, router = FastAPI(), APIRouter()


@router.get("/items/{item_id}")
def item(item_id: int) -> Any:
    with tracer.start_as_current_span("inner"):
        return item_id


@app.get("/async")
async def by_async() -> Any:
    with tracer.start_as_current_span("inner async"):
        return "x"


@app.get("/stream")
def stream() -> Any:
    return StreamingResponse(iter(["a", "b"]))


@app.get("/fails")
def fails() -> None:
    raise ValueError("own")


app.include_router(router, prefix="/api")
app.add_middleware(OpenTelemetryMiddleware, tracer_provider=provider, excluded_urls="nowhere")
PARENT = {"headers": {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}}
REQUESTS = [
    ("GET", "/api/items/7"),
    ("GET", "/api/items/7", PARENT),
    ("GET", "/api/items/x"),
    ("GET", "/async"),
    ("GET", "/async", PARENT),
    ("GET", "/stream"),
    ("GET", "/fails"),
    ("POST", "/async"),
    ("GET", "/nowhere"),
    ("GET", "/other"),
]


def seen() -> Any:
    spans = exporter.get_finished_spans()
    names = {span.context.span_id: span.name for span in spans}
    return [
        [span.name, names.get(span.parent.span_id, "outside") if span.parent else None, span.status.status_code.name]
        for span in spans
    ]
