"""Count responses by the template of their route, in every app and for every server."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Iterable, List, Tuple

from fenrir_core import Build, Middleware, Mount, PlainTextResponse, PluginInfo, Response, Route, hookimpl
from fenrir_core.authoring import ASGIApp, Message, Receive, Scope, Send, observed

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


class Measured:
    """Middleware that counts."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen: List[Any] = []

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                key = scope["method"], template_of(seen), message["status"]
                self.metrics.responses[key] += 1
            await send(message)

        await self.app(observed(scope, seen), receive, counting)


def template_of(seen: List[Any]) -> str:
    """Return the template of what served a request, mounts included."""
    prefix = "".join(item.prefix for item in seen if isinstance(item, Mount))
    routes = [getattr(item, "target", item) for item in seen]
    found = [item.template.openapi for item in routes if getattr(item, "template", None) is not None]
    return prefix + found[-1] if found else prefix or "unknown"


@hookimpl
def fenrir_middleware(build: Build) -> Iterable[Middleware]:
    """Put it around everything."""
    metrics = build.app.store(Metrics)
    yield Middleware("acme metrics", lambda app: Measured(app, metrics), layer="edge")


@hookimpl
def fenrir_routes(build: Build) -> Iterable[Route]:
    """Add the page with the counts."""
    metrics = build.app.store(Metrics)

    async def show_metrics() -> Response:
        return PlainTextResponse(metrics.text())

    yield build.app.make_route("/metrics", show_metrics)
