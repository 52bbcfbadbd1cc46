"""The adapter for hypercorn."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any

from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config

from .hypercorn_protocols import install, inviting
from .listen import BACKLOG
from .logs import is_news
from .options import ServeOptions

#: Seconds after which hypercorn's own time-out would come; the command ends the process before.
NEVER = 3600.0


async def serve(app: Any, listener: socket.socket, options: ServeOptions, stop: asyncio.Event) -> None:
    """Serve `app` on `listener` until `stop` is set; see `values.Server`."""
    config = Config()
    # Hypercorn closes what it serves on; the command's own socket stays open for the next worker.
    config.bind = [f"fd://{listener.detach()}"]
    config.backlog = BACKLOG
    config.graceful_timeout = options.graceful + NEVER
    config.include_server_header = False
    config.h11_max_incomplete_size = config.h2_max_header_list_size = options.max_head
    config.websocket_max_message_size = options.max_message
    config.certfile, config.keyfile = options.tls_cert, options.tls_key
    config.alpn_protocols = ["h2", "http/1.1"] if options.http2 else ["http/1.1"]
    # Its notices repeat what the command prints; its warnings go to the same handlers as all log records.
    config.errorlog = logging.getLogger("hypercorn.error")
    config.errorlog.addFilter(is_news)
    config.accesslog = None
    if options.log_level != "debug":
        config.errorlog.setLevel(logging.WARNING)
    install()
    guard = asyncio.ensure_future(_end_connections(stop, options.graceful))
    try:
        await hypercorn_serve(inviting(app), config, shutdown_trigger=stop.wait, mode="asgi")
    finally:
        guard.cancel()


async def _end_connections(stop: asyncio.Event, graceful: float) -> None:
    """Close the connections that are still open after the graceful time, and cancel their requests.

    COMPAT: hypercorn 0.18 on Python 3.12.1 and newer: its stop awaits `Server.wait_closed`,
    which since then lasts until the last client has disconnected; an open event stream or WebSocket
    would keep the process alive for ever. Hypercorn's own time-out comes only after that, and leaves a traceback.
    """
    await stop.wait()
    await asyncio.sleep(graceful)
    for task in asyncio.all_tasks():
        frame = getattr(task.get_coro(), "cr_frame", None)
        if frame is None or not frame.f_globals.get("__name__", "").startswith("hypercorn.asyncio."):
            continue
        if frame.f_code.co_name == "_server_callback" and "writer" in frame.f_locals:
            frame.f_locals["writer"].transport.abort()  # the app sees the disconnect
        elif frame.f_code.co_name == "_handle":
            task.cancel()
