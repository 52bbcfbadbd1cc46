"""The state of an application."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, List, Set

from ..values import Values
from .constants import Mode, Server, ServerStage

__all__ = ("ApplicationServerInfo", "ApplicationState", "Mode", "Server", "ServerStage")


@dataclass
class ApplicationServerInfo:
    """A server of an app.

    Args:
        settings: Its options.
        stage: How far it has started.
    """

    settings: Values
    stage: ServerStage = ServerStage.STOPPED
    server: Any = None


class ApplicationState(SimpleNamespace):
    """The state of an app: its mode, whether it is started, and whatever its author adds.

    Args:
        app: The app.
    """

    def __init__(self, app: Any) -> None:
        super().__init__()
        self.app = app
        self.mode = Mode.PRODUCTION
        self.server = Server.ASGI
        self.asgi = True
        self.auto_reload = self.fast = self.primary = False
        self.coffee = False
        self.host, self.port, self.workers, self.verbosity = "", 0, 0, 0
        self.ssl = self.sock = self.unix = None
        self.reload_dirs: Set[Any] = set()
        self.server_info: List[ApplicationServerInfo] = []
        self.is_running = self.is_started = self.is_stopping = False

    @property
    def is_debug(self) -> bool:
        """Whether the app runs in development mode."""
        return self.mode is Mode.DEBUG

    @property
    def stage(self) -> ServerStage:
        """How far the app has started."""
        return ServerStage.SERVING if self.is_started else ServerStage.STOPPED
