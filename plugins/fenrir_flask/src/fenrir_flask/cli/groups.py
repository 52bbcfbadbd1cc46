"""Groups of commands: those of an app, and the whole command line."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from typing import Any, Callable, Optional

import click

from fenrir_core import App

from .._types import Function
from .._version import __version__
from ..aliases import flask as followed
from ..helpers import has_app_context
from .commands import routes_command, run_command, shell_command
from .context import ScriptInfo, current, with_appcontext
from .dotenv import load_dotenv
from .locating import NoAppException
from .parameters import debug_option

#: The entry-point group with the commands of extensions.
COMMANDS = "flask.commands"


class AppGroup(click.Group):
    """A group whose commands run in the context of the app; what `app.cli` is."""

    def command(self, *args: Any, **kwargs: Any) -> Any:
        """Return a decorator that adds a command.

        Args:
            *args, **kwargs: As for click; `with_appcontext=False` leaves the context away.
        """
        wrap_for_ctx = kwargs.pop("with_appcontext", True)

        def decorator(f: Function) -> click.Command:
            function = with_appcontext(f) if wrap_for_ctx else f
            made: click.Command = super(AppGroup, self).command(*args, **kwargs)(function)
            return made

        if len(args) == 1 and callable(args[0]):  # the decorator was used without parentheses
            function, args = args[0], ()
            return decorator(function)
        return decorator

    def group(self, *args: Any, **kwargs: Any) -> Any:
        """Return a decorator that adds a group, an `AppGroup` too."""
        kwargs.setdefault("cls", AppGroup)
        return super().group(*args, **kwargs)


def get_version(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Print the versions and exit."""
    if not value or ctx.resilient_parsing:
        return
    click.echo(
        f"Python {platform.python_version()}\n"
        f"Flask {followed.version} (fenrir-flask {__version__})\n"
        f"Werkzeug {metadata.version('werkzeug')}",
        color=ctx.color,
    )
    ctx.exit()


version_option = click.Option(
    ["--version"],
    help="Show the versions.",
    expose_value=False,
    callback=get_version,
    is_flag=True,
    is_eager=True,
)


def _set_app(ctx: click.Context, param: click.Option, value: Optional[str]) -> Optional[str]:
    if value is None:
        return None
    ctx.ensure_object(ScriptInfo).app_import_path = value
    return value


def _load_env_file(ctx: click.Context, param: click.Option, value: Optional[str]) -> Optional[str]:
    info = ctx.ensure_object(ScriptInfo)
    if value is None and not info.load_dotenv_defaults:
        return None
    if value is not None:
        try:
            import dotenv  # noqa: F401
        except ImportError:
            raise click.BadParameter("python-dotenv must be installed to load an env file.", ctx, param) from None
    load_dotenv(value, load_defaults=info.load_dotenv_defaults)
    return value


def _env_file_option() -> click.Option:
    return click.Option(
        ["-e", "--env-file"],
        type=click.Path(exists=True, dir_okay=False),
        is_eager=True,
        expose_value=False,
        help="Load environment variables from this file, before .env and .flaskenv. Needs python-dotenv.",
        callback=_load_env_file,
    )


def _app_option() -> click.Option:
    return click.Option(
        ["-A", "--app"],
        metavar="IMPORT",
        is_eager=True,
        expose_value=False,
        help="The Flask application or factory function to load: 'module:name', a file, or 'module:create(args)'.",
        callback=_set_app,
    )


class FlaskGroup(AppGroup):
    """The command line of an app: the built-in commands, those of plugins, and those of the app.

    Args:
        add_default_commands: Whether `run`, `shell` and `routes` are there.
        create_app: A function that makes the app; without it `--app` names it.
        add_version_option: Whether `--version` is there.
        load_dotenv: Whether `.env` and `.flaskenv` are read.
        set_debug_flag: Whether `--debug` decides on the app's debug mode.
        **extra: As for `click.Group`.
    """

    def __init__(
        self,
        add_default_commands: bool = True,
        create_app: Optional[Callable[..., App]] = None,
        add_version_option: bool = True,
        load_dotenv: bool = True,
        set_debug_flag: bool = True,
        **extra: Any,
    ) -> None:
        params = [*(extra.pop("params", None) or ()), _env_file_option(), _app_option(), debug_option()]
        if add_version_option:
            params.append(version_option)
        extra.setdefault("context_settings", {}).setdefault("auto_envvar_prefix", "FLASK")
        super().__init__(params=params, **extra)
        self.create_app = create_app
        self.load_dotenv = load_dotenv
        self.set_debug_flag = set_debug_flag
        if add_default_commands:
            for command in (run_command, shell_command, routes_command):
                self.add_command(command)
        self._loaded_plugin_commands = False

    def _load_plugin_commands(self) -> None:
        """Add the commands that distributions declare in the entry-point group ``flask.commands``."""
        if not self._loaded_plugin_commands:
            found: Any = metadata.entry_points()
            select = getattr(found, "select", None)  # COMPAT: Python 3.8 and 3.9 have a dict
            for point in select(group=COMMANDS) if select is not None else found.get(COMMANDS, ()):
                self.add_command(point.load(), point.name)
            self._loaded_plugin_commands = True

    def get_command(self, ctx: click.Context, name: str) -> Optional[click.Command]:
        """Return a command: a built-in one, one of a plugin, or one of the app."""
        self._load_plugin_commands()
        found = super().get_command(ctx, name)
        if found is not None:
            return found
        try:
            app = ctx.ensure_object(ScriptInfo).load_app()
        except NoAppException as error:
            click.secho(f"Error: {error.format_message()}\n", err=True, fg="red")
            return None
        # an app that is another one than that of a context around needs a context of its own
        if not has_app_context() or current() is not app:
            ctx.with_resource(app.app_context())
        return app.cli.get_command(ctx, name)  # type: ignore[no-any-return]

    def list_commands(self, ctx: click.Context) -> Any:
        """Return the names of all commands; an app that fails to load is reported."""
        self._load_plugin_commands()
        names = {*super().list_commands(ctx)}
        try:
            names.update(ctx.ensure_object(ScriptInfo).load_app().cli.list_commands(ctx))
        except NoAppException as error:
            click.secho(f"Error: {error.format_message()}\n", err=True, fg="red")
        except Exception:
            import traceback

            click.secho(f"{traceback.format_exc()}\n", err=True, fg="red")
        return sorted(names)

    def get_help(self, ctx: click.Context) -> str:
        """Return the text of help, with the commands of the app."""
        text = super().get_help(ctx)
        ctx.close()  # COMPAT: click before 8.2 exits without; the context of the app would stay
        return text

    def make_context(
        self, info_name: Optional[str], args: Any, parent: Optional[click.Context] = None, **extra: Any
    ) -> click.Context:
        """Return a context whose `obj` is a `ScriptInfo`."""
        os.environ["FLASK_RUN_FROM_CLI"] = "true"
        if "obj" not in extra and "obj" not in self.context_settings:
            extra["obj"] = ScriptInfo(
                create_app=self.create_app,
                set_debug_flag=self.set_debug_flag,
                load_dotenv_defaults=self.load_dotenv,
            )
        return super().make_context(info_name, args, parent=parent, **extra)

    def parse_args(self, ctx: click.Context, args: Any) -> Any:
        """Parse the options; `--app` and the files with variables come before what asks for the app."""
        if (not args and self.no_args_is_help) or (len(args) == 1 and args[0] in self.get_help_option_names(ctx)):
            # help lists the commands of the app
            for option in self.params:
                if isinstance(option, click.Option) and option.name in ("env_file", "app"):
                    option.handle_parse_result(ctx, {}, [])
        return super().parse_args(ctx, args)


cli = FlaskGroup(
    name="flask",
    help="""\
A command line for Flask applications.

The application must be named with the '--app' option, the variable FLASK_APP, or be in a file 'wsgi.py' or 'app.py'
in this directory.
""",
)


def main() -> None:
    """Run the command line."""
    cli.main()
