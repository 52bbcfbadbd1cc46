"""The options of `fenrir run`, in a form that can be passed to other processes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import List, Optional, Sequence

LOG_LEVELS = ("critical", "error", "warning", "info", "debug")


@dataclass(frozen=True)
class ServeOptions:
    """The options of one `fenrir run`.

    Args:
        app: The app as the user named it; None to look for it.
        directory: The working directory.
        factory: Whether the named attribute makes the app.
        host, port: Where to listen; port 0 is any free one.
        uds: The path of a Unix domain socket to listen on instead.
        fd: The number of an open listening socket to take over instead.
        dev: Whether files are watched and the app is in development mode.
        reload_include, reload_exclude: Patterns of files whose changes count, or don't.
        workers: How many processes serve.
        log_level: One of `LOG_LEVELS`.
        access_log: Whether each request is logged.
        server: The name of the server, see `servers`.
        loop: The name of the event loop, see `loops`.
        faster: The distributions that would make serving faster, were they installed.
        gc_freeze: Whether the objects that exist once the app has started are left out of garbage collections.
        http2: Whether HTTP/2 is offered.
        tls_cert, tls_key: Files in PEM format: the certificate with its chain, and its key.
        root_path: The path at which a proxy serves the app.
        proxy_headers: Whether `X-Forwarded-*` of trusted proxies is used.
        trusted_proxies: Their addresses; ``*`` is any.
        env_file: A file with environment variables, or None.
        graceful: Seconds that open requests have at a stop.
        uds_mode: The permissions of the Unix domain socket, in octal.
        read_timeout: Seconds that a client may pause in the head or the body of a request.
        max_head, max_message: The most bytes of a head and of a WebSocket message that servers take, see `edge`.
        shutdown: Seconds that the app's shutdown has after them.
    """

    app: Optional[str] = None
    directory: str = "."
    factory: bool = False
    host: str = "127.0.0.1"
    port: int = 8000
    uds: Optional[str] = None
    fd: Optional[int] = None
    dev: bool = False
    reload_include: Sequence[str] = ()
    reload_exclude: Sequence[str] = ()
    workers: int = 1
    log_level: str = "info"
    access_log: bool = False
    server: str = "auto"
    loop: str = "auto"
    faster: Sequence[str] = ()
    gc_freeze: bool = True
    http2: bool = False
    tls_cert: Optional[str] = None
    tls_key: Optional[str] = None
    root_path: str = ""
    proxy_headers: bool = False
    trusted_proxies: Sequence[str] = ()
    env_file: Optional[str] = None
    graceful: float = 10.0
    uds_mode: str = "666"
    read_timeout: float = 20.0
    max_head: int = 144 * 1024
    max_message: int = 16 * 1024 * 1024
    shutdown: float = 5.0

    @property
    def wanted(self) -> List[str]:
        """The options in use that some servers lack, named as in `Server.cannot`."""
        asked = {
            "uds": self.uds is not None,
            "fd": self.fd is not None,
            "dev": self.dev,
            "workers": self.workers > 1,
            "http2": self.http2,
            "tls-cert": self.tls_cert is not None,
            "uvloop": self.loop == "uvloop",
        }
        return [name for name, is_asked in asked.items() if is_asked]

    def to_json(self) -> str:
        """Return the options as a JSON object."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> ServeOptions:
        """Return the options that `to_json` wrote."""
        return cls(**json.loads(text))
