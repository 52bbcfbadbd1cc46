"""Sanic's way: listeners, middleware and a task that runs as long as the app."""

from __future__ import annotations

import asyncio
from time import monotonic

from fenrir import EventBuffer, Fenrir


async def beat(events: EventBuffer, started: float) -> None:
    """Send the uptime to all listening clients, once per second."""
    while True:
        events.publish({"uptime": round(monotonic() - started, 1)})
        await asyncio.sleep(1)


def register(app: Fenrir) -> None:
    @app.listener("before_server_start")
    async def prepare(app_inst) -> None:
        app_inst.state.started = monotonic()
        app_inst.state.events = EventBuffer()

    @app.listener("after_server_start")
    async def start_beat(app_inst) -> None:
        app_inst.add_task(beat(app_inst.state.events, app_inst.state.started))

    @app.middleware("response")
    async def sign(request, response) -> None:
        response.headers["x-served-by"] = "fenrir"

    @app.get("/status")
    async def status(request):
        """Return the uptime."""
        return {"uptime": round(monotonic() - request.app.state.started, 1)}
