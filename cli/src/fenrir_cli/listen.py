"""The listening socket, which belongs to the command and not to the server: it outlives a reload."""

from __future__ import annotations

import errno
import os
import socket

from .errors import CliError

#: How many connections may wait to be accepted: a burst of a thousand clients is none too many.
BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address.

    Raises:
        CliError: The port is taken or forbidden, or there is no such host.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError):
        raise CliError(f"There is no host {host!r}: give --host a name or address of this machine.") from None
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere the option lets two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _refused(host, port, error) from None
    listener.setblocking(False)
    return listener


def _refused(host: str, port: int, error: OSError) -> CliError:
    if error.errno == errno.EADDRINUSE:
        return CliError(
            f"Port {port} on {host} is in use: stop what listens there, or choose another with --port {_free(host)}."
        )
    if error.errno == errno.EACCES:
        return CliError(f"Port {port} on {host} is not allowed: ports below 1024 are privileged. Choose --port 8000.")
    if error.errno == errno.EADDRNOTAVAIL:
        return CliError(f"{host} is no address of this machine: try --host 127.0.0.1 or --host 0.0.0.0.")
    return CliError(f"Can't listen on {host} port {port}: {error.strerror or error}.")


def _free(host: str) -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def url_of(listener: socket.socket, host: str) -> str:
    """Give the URL that a person can open; the wildcard addresses become this machine's."""
    port = listener.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
