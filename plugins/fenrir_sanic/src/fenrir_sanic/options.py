"""The settings and route options that the paradigm brings."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Sequence

from fenrir_core import RouteOption, Setting

SETTINGS = (Setting("stop_tasks", float, 5.0, None, "Seconds that cancelled tasks have to end."),)
ROUTE_OPTIONS = (
    RouteOption("stream", "Leave the request body unread: the handler reads it in chunks.", bool),
    RouteOption("ignore_body", "Leave the request body unread.", bool),
    RouteOption("error_format", "html, json, text or auto.", str),
    RouteOption("subprotocols", "Of a WebSocket, best first.", Sequence[str]),
    RouteOption("ctx", "What request.route.ctx is.", SimpleNamespace),
    RouteOption("unquote", "Decode the values of the path.", bool),
    RouteOption("hosts", "The hosts that the route serves; all by default.", Sequence[str]),
    RouteOption("host_dispatcher", "Choose a route by the host.", bool),
    RouteOption("static", "Whether the route serves files.", bool),
)
