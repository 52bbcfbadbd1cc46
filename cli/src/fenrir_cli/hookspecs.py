"""The hooks of the command line, for plugins of the entry-point group `fenrir.cli`.

The kernel's rules hold: synchronous, arguments by name, an iterable of one kind of
value or None. The kernel does not know them; an app never calls them.
"""

# mypy: disable-error-code="empty-body"

from __future__ import annotations

from typing import Any, Iterable

import pluggy

from .values import Command, Server, ShellName

hookspec = pluggy.HookspecMarker("fenrir")


@hookspec
def fenrir_cli_commands() -> Iterable[Command]:
    """Add commands.

    Called when a command is asked for that is neither built in nor an entry point of the
    group `fenrir.commands`, and by `fenrir plugins`; never by `fenrir --help`.

    Returns:
        Any number of `Command`, whose target is imported when the command is run.

    Example:
        >>> @hookimpl
        ... def fenrir_cli_commands():
        ...     yield Command("db", "Migrate the database.", "acme_db.commands:db")
    """


@hookspec
def fenrir_cli_servers() -> Iterable[Server]:
    """Add servers for `fenrir run --server`.

    Called by `run` and `info`. Of two servers with one name the first counts; Fenrir's own
    come first.

    Returns:
        Any number of `Server`, whose adapter is imported when it serves.

    Example:
        >>> @hookimpl
        ... def fenrir_cli_servers():
        ...     yield Server("swift", "acme-swift", "acme_swift.fenrir:serve", speed=50)
    """


@hookspec
def fenrir_cli_shell_names(app: Any) -> Iterable[ShellName]:
    """Return objects that `fenrir shell` makes available by name.

    Called once, when the app is built and not yet started. The names of the app's own module and its
    models take precedence; of two plugins that use one name the first counts.

    Args:
        app: The app, built; any ASGI app, not only Fenrir's.

    Returns:
        Any number of `ShellName`. For what exists only after the app has started, pass a function.

    Example:
        >>> @hookimpl
        ... def fenrir_cli_shell_names(app):
        ...     yield ShellName("redis", lambda: app.state.redis, "returns the app's Redis client")
    """
