"""Count responses by the template of their route, in every app and for every server."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Iterable, Tuple

from fenrir_core import Build, Observation, Observer, PlainTextResponse, PluginInfo, Response, Route, hookimpl

fenrir_plugin = PluginInfo(api="1")


@dataclass
class Metrics:
    """The counts of one app."""

    responses: Counter[Tuple[str, str, int]] = field(default_factory=Counter)

    def text(self) -> str:
        """Return them in the format of Prometheus."""
        rows = sorted(self.responses.items())
        return "".join(
            f'http_responses_total{{method="{method}",route="{route}",status="{status}"}} {count}\n'
            for (method, route, status), count in rows
        )


@hookimpl
def fenrir_observers(build: Build) -> Iterable[Observer]:
    """Count each request when its response begins."""
    responses = build.app.store(Metrics).responses

    def count(observation: Observation) -> None:
        if observation.scope["type"] == "http":
            responses[observation.scope["method"], observation.template or "unknown", observation.status] += 1

    yield Observer("acme metrics", on_answer=count)


@hookimpl
def fenrir_routes(build: Build) -> Iterable[Route]:
    """Add the page with the counts."""
    metrics = build.app.store(Metrics)

    async def show_metrics() -> Response:
        return PlainTextResponse(metrics.text())

    yield build.app.make_route("/metrics", show_metrics)
