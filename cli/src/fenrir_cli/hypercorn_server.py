"""Serve on hypercorn."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any

from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config

from .listen import BACKLOG
from .options import ServeOptions


async def serve(app: Any, listener: socket.socket, options: ServeOptions, stop: asyncio.Event) -> None:
    """Serve `app` on `listener` until `stop` is set; see `servers`."""
    config = Config()
    # Hypercorn closes what it serves on; the command's own socket stays open for the next worker.
    config.bind = [f"fd://{listener.detach()}"]
    config.backlog = BACKLOG
    config.graceful_timeout = options.graceful
    config.include_server_header = False
    # Its own notices repeat what the command prints; what it warns of goes the way of every log record.
    config.errorlog = logging.getLogger("hypercorn.error")
    config.accesslog = None
    if options.log_level != "debug":
        config.errorlog.setLevel(logging.WARNING)
    await hypercorn_serve(app, config, shutdown_trigger=stop.wait, mode="asgi")
