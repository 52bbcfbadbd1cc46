"""What `fenrir run` was asked for, in a form that passes from process to process."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Optional

LOG_LEVELS = ("critical", "error", "warning", "info", "debug")


@dataclass(frozen=True)
class ServeOptions:
    """Hold the options of one `fenrir run`.

    Args:
        app: How the user named the app; None to look for it.
        directory: Where the user stands.
        factory: Whether the named attribute makes the app.
        host, port: Where to listen; port 0 is any free one.
        dev: Whether files are watched and the app is in development mode.
        workers: How many processes serve.
        log_level: One of `LOG_LEVELS`.
        access_log: Whether each request is logged.
        server: The name of the server, see `servers`.
        graceful: Seconds that open requests are given at a stop.
    """

    app: Optional[str] = None
    directory: str = "."
    factory: bool = False
    host: str = "127.0.0.1"
    port: int = 8000
    dev: bool = False
    workers: int = 1
    log_level: str = "info"
    access_log: bool = False
    server: str = "hypercorn"
    graceful: float = 10.0

    def to_json(self) -> str:
        """Give the options as a JSON object."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> ServeOptions:
        """Read what `to_json` gave."""
        return cls(**json.loads(text))
