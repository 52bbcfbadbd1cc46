"""The servers that can serve an app: Fenrir's own adapters and those of plugins."""

from __future__ import annotations

import asyncio
import re
import socket
from dataclasses import replace
from typing import Any, Awaitable, Callable, Dict, List, Optional, Sequence

from .errors import MISUSED, CliError
from .extensions import Extensions, target_of
from .loops import ASYNCIO, UVLOOP, has_uvloop, loop_label, uvloop_exists
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
    for server in _able(known, wanted):
        if _is_new_enough(server):
            return server.name
    raise CliError("No server is installed that can do that. pip install hypercorn")


def chosen(options: ServeOptions) -> ServeOptions:
    """Return the options with the server and the event loop that serve, in place of `auto`.

    Raises:
        CliError: There is no such server or loop, or it can't do what is asked for.
    """
    known = servers()
    wanted = options.wanted
    if options.loop == UVLOOP and not has_uvloop():
        remedy = "pip install uvloop" if uvloop_exists() else "There is none for this platform and Python."
        raise CliError("uvloop is not installed, so --loop uvloop can't be done.", [remedy], MISUSED)
    if options.server == AUTO:
        server = known[fastest(known, wanted)]
    else:
        server = _known(known, options.server)
        _check(server, known, wanted)
    loop = options.loop
    if loop == AUTO:
        loop = UVLOOP if has_uvloop() and UVLOOP not in server.cannot else ASYNCIO
    return replace(options, server=server.name, loop=loop, faster=_faster(known, server, options))


def _able(known: Dict[str, Server], wanted: Sequence[str]) -> List[Server]:
    """Return the servers that `auto` chooses from, the fastest first."""
    able = [server for server in known.values() if server.speed > 0 and not set(wanted) & set(server.cannot)]
    return sorted(able, key=lambda server: -server.speed)


def _check(server: Server, known: Dict[str, Server], wanted: Sequence[str]) -> None:
    for option in wanted:
        if option in server.cannot:
            flag = f"--loop {UVLOOP}" if option == UVLOOP else f"--{option}"
            others = [name for name, other in known.items() if option not in other.cannot]
            raise CliError(
                f"{server.name} can't do {flag}: {server.cannot[option]}.",
                [f"Servers that can: {', '.join(others)}; --server auto takes the fastest of the installed ones."],
                MISUSED,
            )


def _faster(known: Dict[str, Server], server: Server, options: ServeOptions) -> List[str]:
    """Return the distributions that are missing and would make serving with these options faster."""
    best = _able(known, options.wanted)[0] if options.server == AUTO else server
    # a plugin's server is installed, or is not known
    names = [best.distribution, *best.faster_with]
    if options.loop == AUTO and uvloop_exists() and UVLOOP not in best.cannot:
        names.append(UVLOOP)
    return [name for name in names if installed_version(name) is None]


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


def label_of(options: ServeOptions) -> str:
    """Return the server and the loop with their versions, for messages."""
    server = f"{options.server} {version_of(_known(servers(), options.server).distribution)}".rstrip()
    return f"{server} on {loop_label(options.loop)}"


def _known(known: Dict[str, Server], name: str) -> Server:
    if name not in known:
        raise CliError(f"There is no server {name!r}. There are: {AUTO}, {', '.join(known)}.", exit_code=MISUSED)
    return known[name]
