"""The listening socket, which belongs to the command and not to the server: it outlives a reload."""

from __future__ import annotations

import errno
import os
import socket
import stat
from contextlib import contextmanager, suppress
from typing import Iterator

from .errors import MISUSED, CliError
from .options import ServeOptions

#: How many connections may wait to be accepted; enough for a burst of a thousand clients.
BACKLOG = 2048


@contextmanager
def listening(options: ServeOptions) -> Iterator[socket.socket]:
    """Open a listening socket for the block: on an address, a Unix socket or a socket that is open already.

    Raises:
        CliError: The address is in use or forbidden, or does not exist.
    """
    if options.fd is not None:
        listener = _taken_over(options.fd)
    elif options.uds is not None:
        listener = _listen_unix(options.uds, int(options.uds_mode, 8))
    else:
        listener = listen(options.host, options.port)
    try:
        yield listener
    finally:
        listener.close()
        if options.uds is not None and options.fd is None:
            with suppress(OSError):
                os.unlink(options.uds)


def _taken_over(number: int) -> socket.socket:
    try:
        listener = socket.socket(fileno=number)
        if not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            raise OSError("it is a socket, but does not listen")
    except OSError as error:
        raise CliError(f"--fd {number} is no listening socket: {error.strerror or error}.", exit_code=MISUSED) from None
    listener.setblocking(False)
    return listener


def _listen_unix(path: str, mode: int) -> socket.socket:
    if not hasattr(socket, "AF_UNIX"):
        raise CliError("This system has no Unix domain sockets: use --host and --port.", exit_code=MISUSED)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        listener.bind(path)
        os.chmod(path, mode)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise CliError(f"{path} is in use: something listens there, or it is no socket.") from None
        raise CliError(f"Can't listen on {path}: {error.strerror or error}.") from None
    listener.setblocking(False)
    return listener


def _remove_stale(path: str) -> None:
    """Remove a Unix socket that no process listens on; a process that is killed leaves one behind."""
    if not (os.path.exists(path) and stat.S_ISSOCK(os.stat(path).st_mode)):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address.

    Raises:
        CliError: The port is in use or forbidden, or there is no such host.
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


def url_of(listener: socket.socket, options: ServeOptions) -> str:
    """Return the URL that a person can open; the wildcard addresses become this machine's."""
    address = listener.getsockname()
    if not isinstance(address, tuple):
        return f"unix:{os.fsdecode(address)}"
    host = address[0] if options.fd is not None else options.host
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    scheme = "https" if options.tls_cert else "http"
    prefix = options.root_path.strip("/")
    where = f"[{shown}]:{address[1]}" if ":" in shown else f"{shown}:{address[1]}"
    return f"{scheme}://{where}" + (f"/{prefix}" if prefix else "")
