"""The servers that can serve an app: Fenrir's own adapters and those of plugins."""

from __future__ import annotations

import asyncio
import re
import socket
from typing import Any, Awaitable, Callable, Dict, List, Optional

from .errors import MISUSED, CliError
from .extensions import Extensions, target_of
from .options import ServeOptions
from .values import Server
from .versions import installed_version, version_of

Adapter = Callable[[Any, socket.socket, ServeOptions, asyncio.Event], Awaitable[None]]

AUTO = "auto"


def servers(extensions: Optional[Extensions] = None) -> Dict[str, Server]:
    """Return all known servers by name, installed or not."""
    found: Dict[str, Server] = {}
    for item in (extensions or Extensions()).ask("fenrir_cli_servers", Server):
        found.setdefault(item.value.name, item.value)
    return found


def fastest(known: Dict[str, Server], wanted: List[str]) -> str:
    """Return the fastest installed server that can do all that is wanted, which is what `auto` means.

    Args:
        known: All servers.
        wanted: Names of options, as in `Server.cannot`.

    Raises:
        CliError: There is no such server.
    """
    able = [server for server in known.values() if not set(wanted) & set(server.cannot)]
    for server in sorted(able, key=lambda server: -server.speed):
        if _is_new_enough(server):
            return server.name
    raise CliError("No server is installed that can do that. pip install hypercorn")


def chosen(options: ServeOptions) -> str:
    """Return the name of the server that serves with these options.

    Raises:
        CliError: There is no such server, or it can't do what is asked for.
    """
    known = servers()
    if options.server == AUTO:
        return fastest(known, options.wanted)
    server = _known(known, options.server)
    for option in options.wanted:
        if option in server.cannot:
            others = [name for name, other in known.items() if option not in other.cannot]
            raise CliError(
                f"{server.name} can't do --{option}: {server.cannot[option]}.",
                [f"Servers that can: {', '.join(others)}; --server auto takes the fastest of the installed ones."],
                MISUSED,
            )
    return server.name


def adapter(name: str) -> Adapter:
    """Return the adapter of a server.

    Raises:
        CliError: There is no such server, or it is not installed.
    """
    server = _known(servers(), name)
    if installed_version(server.distribution) is not None and not _is_new_enough(server):
        least = ".".join(map(str, server.least))
        raise CliError(
            f"{name} {installed_version(server.distribution)} is too old: {least} is needed.",
            [f'pip install "{server.distribution}>={least}"'],
        )
    try:
        return target_of(server.target)  # type: ignore[no-any-return]
    except ImportError as error:
        raise CliError(f"The server {name} can't be used: {error}. pip install {server.distribution}") from error


def _is_new_enough(server: Server) -> bool:
    """Return whether a server is installed in a version that its adapter can use."""
    version = installed_version(server.distribution)
    numbers = re.findall(r"\d+", version or "")[: len(server.least)]
    return version is not None and tuple(map(int, numbers)) >= tuple(server.least)


def label_of(name: str) -> str:
    """Return a server's name with its version, for messages."""
    return f"{name} {version_of(_known(servers(), name).distribution)}".rstrip()


def _known(known: Dict[str, Server], name: str) -> Server:
    if name not in known:
        raise CliError(f"There is no server {name!r}. There are: {AUTO}, {', '.join(known)}.", exit_code=MISUSED)
    return known[name]
