"""The adapter for uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import logging
import socket
from typing import Any

from .edge import RefusingAmbiguousLengths
from .listen import BACKLOG
from .logs import is_news
from .options import ServeOptions
from .uvicorn_protocols import protocol

# by name, so that types can be checked where it is not installed
_uvicorn: Any = importlib.import_module("uvicorn")

#: How its message begins that requests are cancelled at the end of a stop, which the command logs by itself.
_CANCELLED = "Cancel %s running"


async def serve(app: Any, listener: socket.socket, options: ServeOptions, stop: asyncio.Event) -> None:
    """Serve `app` on `listener` until `stop` is set; see `values.Server`."""
    if importlib.util.find_spec("httptools") is None:  # its parser refuses these itself, h11 does not
        app = RefusingAmbiguousLengths(app)
    config = _uvicorn.Config(
        app,
        interface="asgi3",
        http=protocol(options),
        ws_max_size=options.max_message,
        backlog=BACKLOG,
        log_config=None,
        log_level=None if options.log_level == "debug" else "warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=options.graceful,  # it is passed to `asyncio.wait_for`, so it may be no integer
        ssl_certfile=options.tls_cert,
        ssl_keyfile=options.tls_key,
    )
    server = _uvicorn.Server(config)
    # The command handles signals. COMPAT: uvicorn before 0.29 has the first of these, later ones the second.
    server.install_signal_handlers = lambda: None
    server.capture_signals = contextlib.nullcontext
    # The command reports errors of the start-up, once and in short.
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: bool(server.started) and not str(record.msg).startswith(_CANCELLED) and is_news(record)
    )

    async def end() -> None:
        await stop.wait()
        server.should_exit = True

    ending = asyncio.ensure_future(end())
    try:
        # Uvicorn closes what it serves on; the command's own socket stays open for the next worker.
        await server.serve([socket.socket(fileno=listener.detach())])
    except SystemExit:
        raise RuntimeError("uvicorn gave up at start-up") from None
    finally:
        ending.cancel()
    if not server.started and not stop.is_set():  # COMPAT: uvicorn before 0.35 returns without an error
        raise RuntimeError("uvicorn gave up at start-up")
