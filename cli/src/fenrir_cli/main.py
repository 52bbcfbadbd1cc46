"""The command line's entry: the commands by name, each imported when it is run."""

from __future__ import annotations

import importlib
from typing import Any, Dict, List, Optional, Tuple

import click

from ._version import __version__
from .console import show_error
from .errors import MISUSED, CliError

#: The commands: where each is, and its line of help, so that `--help` imports none of them.
COMMANDS: Dict[str, Tuple[str, str]] = {
    "run": ("fenrir_cli.commands.run:run", "Serve an app; with --dev, again after each change."),
    "routes": ("fenrir_cli.commands.routes:routes", "List HTTP and WebSocket routes and mounts, and whose they are."),
    "why": ("fenrir_cli.commands.why:why", "Say what answers a method and URL, and what else would."),
    "info": ("fenrir_cli.commands.info:info", "Show versions, plugins and the make-up of an app."),
    "shell": ("fenrir_cli.commands.shell:shell", "Open a Python prompt with an app started."),
    "bench": ("fenrir_cli.commands.bench:bench", "Time requests to an app, with no network in between."),
    "new": ("fenrir_cli.commands.new:new", "Start a project."),
}


class Commands(click.Group):
    """Know the commands by name and import only the one that is run."""

    def list_commands(self, ctx: click.Context) -> List[str]:
        """Give the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> Optional[click.Command]:
        """Import a command.

        Raises:
            CliError: There is none of that name.
        """
        if cmd_name not in COMMANDS:
            if cmd_name.startswith("-"):
                return None
            import difflib  # PERF: 10 ms that `--help` need not wait for

            near = difflib.get_close_matches(cmd_name, COMMANDS, 2)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(COMMANDS)}."
            raise CliError(f"There is no command {cmd_name!r}. {hint}", exit_code=MISUSED)
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what is wrong is one line and an exit code."""
        try:
            return super().invoke(ctx)
        except CliError as error:
            if ctx.params.get("traceback"):
                raise
            show_error(error)
            ctx.exit(error.exit_code)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.option("--traceback", is_flag=True, help="Show the whole traceback of an error.")
@click.version_option(__version__, prog_name="fenrir-cli")
def commands(traceback: bool) -> None:
    """Serve, look into and measure Fenrir apps.

    APP is module:attribute (app:app), a module, or a file (app.py); left out, it is looked for.
    """


def main() -> None:
    """Run the command line.

    Raises:
        SystemExit: With the command's exit code.
    """
    commands(prog_name="fenrir")
