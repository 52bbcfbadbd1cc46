"""The entry point of the command line: the commands by name, each imported when it is run."""

from __future__ import annotations

import importlib
import io
import sys
from typing import Any, Dict, List, Optional, Tuple

import click

from ._version import __version__
from .console import show_error
from .errors import INTERRUPTED, MISUSED, CliError

#: The commands: the target of each and its line of help, so that `--help` imports none of them.
COMMANDS: Dict[str, Tuple[str, str]] = {
    "run": ("fenrir_cli.commands.run:run", "Serve an app; with --dev, again after each change."),
    "routes": ("fenrir_cli.commands.routes:routes", "List HTTP and WebSocket routes and mounts, with their owners."),
    "why": ("fenrir_cli.commands.why:why", "Show what serves a method and URL, and what else could."),
    "info": ("fenrir_cli.commands.info:info", "Show versions, plugins and what an app is made of."),
    "shell": ("fenrir_cli.commands.shell:shell", "Open a Python prompt with an app started."),
    "bench": ("fenrir_cli.commands.bench:bench", "Time requests to an app, with no network in between."),
    "new": ("fenrir_cli.commands.new:new", "Start a project or a plugin."),
    "openapi": ("fenrir_cli.commands.openapi:openapi", "Write the OpenAPI document of an app, or check a stored one."),
    "settings": ("fenrir_cli.commands.settings:settings", "List an app's settings: values, origins, owners."),
    "plugins": ("fenrir_cli.commands.plugins:plugins", "List plugins, what each added, and what its hooks cost."),
    "completion": ("fenrir_cli.commands.completion:completion", "Print the completion script for a shell."),
}

_TRACEBACK = "--traceback"


class Commands(click.Group):
    """A click group that imports only the command that is run.

    Fenrir's own commands come first, then those that entry points name, then those that the hook
    `fenrir_cli_commands` returns; the first of a name counts.
    """

    def list_commands(self, ctx: click.Context) -> List[str]:
        """Return the names that are known without an import."""
        return [*COMMANDS, *(name for name in _declared() if name not in COMMANDS)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> Optional[click.Command]:
        """Import a command.

        Raises:
            CliError: There is no command of that name, or a plugin's can't be imported.
        """
        if cmd_name in COMMANDS:
            module, _, name = COMMANDS[cmd_name][0].partition(":")
            return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]
        if cmd_name.startswith("-"):
            return None
        declared = _declared()
        if cmd_name in declared:
            return _of_plugin(cmd_name, *declared[cmd_name])
        from .extensions import Extensions
        from .values import Command

        for item in Extensions().ask("fenrir_cli_commands", Command):
            if item.value.name == cmd_name:
                return _of_plugin(cmd_name, item.value.target, item.value.help)
        from fenrir_core.authoring import did_you_mean

        names = [*COMMANDS, *declared]
        hint = did_you_mean(cmd_name, names, f"There are: {', '.join(names)}.", most=2)
        raise CliError(f"There is no command {cmd_name!r}. {hint}", exit_code=MISUSED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the lists of commands, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])
        others = [(name, line) for name, (_, line) in _declared().items() if name not in COMMANDS]
        if others:
            with formatter.section("Commands of plugins"):
                formatter.write_dl(others)

    def resolve_command(
        self, ctx: click.Context, args: List[str]
    ) -> Tuple[Optional[str], Optional[click.Command], List[str]]:
        """Find the command; `--traceback` may also follow it, to be added easily to a line that failed."""
        name, command, rest = super().resolve_command(ctx, args)
        own = rest[: rest.index("--")] if "--" in rest else rest
        if name in COMMANDS and _TRACEBACK in own:
            ctx.params["traceback"] = True
            rest = [word for word in own if word != _TRACEBACK] + rest[len(own) :]
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error is one line and an exit code."""
        try:
            super().invoke(ctx)  # the return value of a command is no exit code
        except CliError as error:
            if ctx.params.get("traceback"):
                raise
            show_error(error)
            ctx.exit(error.exit_code)


def _declared() -> Dict[str, Tuple[str, str]]:
    from .extensions import declared_commands

    return declared_commands()


def _of_plugin(name: str, target: str, line: str) -> click.Command:
    """Import a plugin's command; a plain function becomes one."""
    from .extensions import target_of

    try:
        found = target_of(target)
    except Exception as error:
        raise CliError(f"The command {name!r} can't be used: {target}: {type(error).__name__}: {error}") from error
    if isinstance(found, click.Command):
        return found
    if callable(found):
        return click.command(name, help=line)(found)
    raise CliError(f"The command {name!r} can't be used: {target} is {found!r:.60}, which can't be called.")


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.option(_TRACEBACK, is_flag=True, help="Show the whole traceback of an error; anywhere on the line.")
@click.version_option(__version__, message=f"Fenrir %(version)s (Python {sys.version.split()[0]})")
def commands(traceback: bool) -> None:
    """Serve, inspect and measure Fenrir apps.

    APP is module:attribute (app:app), a module, or a file (app.py); without it, the usual names are tried.
    """


def main() -> None:
    """Run the command line.

    Raises:
        SystemExit: With the command's exit code.
    """
    # a locale may lack characters of a path, a name or the ellipsis: that must not end a command
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = commands(prog_name="fenrir", standalone_mode=False)
    except click.Abort:  # Ctrl+C
        code = INTERRUPTED
    except click.ClickException as error:
        _show_misuse(error)
        code = error.exit_code
    sys.exit(code if isinstance(code, int) else 0)


def _show_misuse(error: click.ClickException) -> None:
    """Show in one line what is wrong on the command line, and where help is."""
    ctx = getattr(error, "ctx", None)
    text = error.format_message()
    if ctx is None or not text or type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return
    stop = "" if text[-1] in ".?!" else "."
    show_error(CliError(f"{text}{stop} See: {ctx.command_path} --help"))
