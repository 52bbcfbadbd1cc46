"""What is known of a connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Dict, List, Optional, Tuple


@dataclass
class ConnInfo:
    """The addresses of a connection, and whether it is encrypted.

    Args:
        client: The peer's address, as in a URL.
        client_ip: The peer's address.
        client_port: The peer's port.
        peername: The peer's address and port.
        server: The server's address.
        server_port: Its port.
        sockname: The server's address and port.
        ssl: Whether the connection is encrypted.
        server_name: The server's name.
        cert: The certificate; empty, for servers don't tell.
        network_paths: The paths of HTTP/3; None.
        ctx: For the app's own use.
        lost: Whether the connection was lost.
    """

    client: str = ""
    client_ip: str = ""
    client_port: int = 0
    peername: Optional[Tuple[str, int]] = None
    server: str = ""
    server_port: Optional[int] = 0
    sockname: object = None
    ssl: bool = False
    server_name: str = ""
    cert: Dict[str, object] = field(default_factory=dict)
    network_paths: Optional[List[object]] = None
    ctx: SimpleNamespace = field(default_factory=SimpleNamespace)
    lost: bool = False


class Signal:
    """Whether a server was told to stop."""

    stopped = False
