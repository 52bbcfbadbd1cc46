"""The values that hooks of the command line return."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Tuple


@dataclass(frozen=True)
class Command:
    """A command.

    Args:
        name: What the user types.
        help: One line.
        target: A click command, or a plain function, as ``package.module:attribute``.
    """

    name: str
    help: str
    target: str


@dataclass(frozen=True)
class Server:
    """A server for `fenrir run`.

    Args:
        name: For `--server`.
        distribution: What installs it.
        target: Its adapter, ``package.module:function``: a coroutine function
            ``serve(app, listener, options, stop)``, which serves `app` (ASGI, lifespan
            included) on a listening socket until the event `stop` is set, leaves open
            requests `options.graceful` seconds, and returns. Of `options` it reads
            `http2`, `tls_cert`, `tls_key` and `log_level`; everything else is done for it.
        speed: What `--server auto` compares: the highest of the installed servers is taken; one with 0 never is.
        cannot: What it can't do, by the option's name without dashes (`uvloop` for `--loop uvloop`), and why.
        least: The oldest version that the adapter can use, for example ``(2, 8)``; empty for any.
        faster_with: Distributions that it uses where they are installed, and is faster with.
    """

    name: str
    distribution: str
    target: str
    speed: int = 0
    cannot: Mapping[str, str] = field(default_factory=dict)
    least: Tuple[int, ...] = ()
    faster_with: Tuple[str, ...] = ()


@dataclass(frozen=True)
class ShellName:
    """An object that `fenrir shell` makes available by name.

    Args:
        name: What the user types, a Python name.
        value: The object.
        help: One line, shown when the prompt opens.
    """

    name: str
    value: Any
    help: str
