"""The servers that can serve an app, each behind one adapter function.

An adapter is a coroutine function `serve(app, listener, options, stop)`: it serves `app`
(ASGI, lifespan included) on a listening socket until `stop` is set, gives open requests
`options.graceful` seconds, and returns. Signals, logs and reports are the command's.
"""

from __future__ import annotations

import asyncio
import importlib
import socket
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Tuple

from .errors import MISUSED, CliError
from .options import ServeOptions

Adapter = Callable[[Any, socket.socket, ServeOptions, asyncio.Event], Awaitable[None]]


@dataclass(frozen=True)
class Server:
    """Name a server.

    Args:
        name: For `--server`.
        distribution: What installs it.
        target: Its adapter as ``module:function``, imported when it is used.
    """

    name: str
    distribution: str
    target: str


SERVERS: Tuple[Server, ...] = (Server("hypercorn", "hypercorn", "fenrir_cli.hypercorn_server:serve"),)


def adapter(name: str) -> Adapter:
    """Give the adapter of a server.

    Raises:
        CliError: There is no such server, or it is not installed.
    """
    for server in SERVERS:
        if server.name == name:
            module, _, function = server.target.partition(":")
            try:
                return getattr(importlib.import_module(module), function)  # type: ignore[no-any-return]
            except ImportError as error:
                raise CliError(
                    f"The server {name} can't be used: {error}. pip install {server.distribution}"
                ) from error
    known = ", ".join(server.name for server in SERVERS)
    raise CliError(f"There is no server {name!r}. There are: {known}.", exit_code=MISUSED)
