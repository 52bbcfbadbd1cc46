"""Fixtures with the real SDK, which exports to memory."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from fenrir_core.testing import Client


class Telemetry:
    """An SDK: providers, and what they have exported."""

    def __init__(self) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers, self.meters = TracerProvider(shutdown_on_exit=False), MeterProvider([self.reader])
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))

    @property
    def settings(self) -> Dict[str, Any]:
        """The settings of an app that is traced here."""
        return {"otel_tracer_provider": self.tracers, "otel_meter_provider": self.meters}

    @property
    def spans(self) -> List[Any]:
        """The finished spans, in the order in which they ended."""
        return list(self.exporter.get_finished_spans())

    @property
    def names(self) -> List[str]:
        """The names of the finished spans."""
        return [span.name for span in self.spans]

    @property
    def span(self) -> Any:
        """The only finished span."""
        (span,) = self.spans
        return span

    def durations(self) -> Dict[Any, int]:
        """Return how many requests were measured, by route and status."""
        data: Any = self.reader.get_metrics_data()
        found: Dict[Tuple[Any, Any], int] = {}
        for resource in data.resource_metrics if data is not None else ():
            for metric in (metric for scope in resource.scope_metrics for metric in scope.metrics):
                assert (metric.name, metric.unit) == ("http.server.request.duration", "s")
                for point in metric.data.data_points:
                    attributes = point.attributes
                    found[attributes.get("http.route"), attributes["http.response.status_code"]] = point.count
        return found


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    """Return an SDK, and shut it down at the end."""
    made = Telemetry()
    yield made
    made.tracers.shutdown()
    made.meters.shutdown()


def _ask(app: Any, *requests: str, **options: Any) -> List[Any]:
    async def send() -> List[Any]:
        async with Client(app, raise_errors=False) as client:
            return [await client.request(*request.split(), **options) for request in requests]

    return asyncio.run(send())


@pytest.fixture
def ask() -> Any:
    """Return a function that starts an app and sends it requests, each a method and a path."""
    return _ask
