"""Names of Sanic's server, which is not here: any ASGI server serves an app."""

from __future__ import annotations

from ..models.server_types import ConnInfo, Signal
from .async_server import AsyncioServer
from .loop import try_use_uvloop

__all__ = ("AsyncioServer", "ConnInfo", "Signal", "try_use_uvloop")
