"""The command line of an app: its own commands, `run`, `shell` and `routes`.

    python -m fenrir_flask --app hello COMMAND
    fenrir flask --app hello COMMAND

`@app.cli.command()` adds a command to an app, `@blueprint.cli.command()` to a blueprint.
"""

from __future__ import annotations

from .commands import routes_command, run_command, shell_command, show_server_banner
from .context import ScriptInfo, pass_script_info, with_appcontext
from .dotenv import load_dotenv
from .groups import AppGroup, FlaskGroup, cli, get_version, main, version_option
from .locating import NoAppException, find_app_by_string, find_best_app, locate_app, prepare_import
from .parameters import CertParamType, SeparatedPathType

__all__ = [
    "AppGroup",
    "CertParamType",
    "FlaskGroup",
    "NoAppException",
    "ScriptInfo",
    "SeparatedPathType",
    "cli",
    "find_app_by_string",
    "find_best_app",
    "get_version",
    "load_dotenv",
    "locate_app",
    "main",
    "pass_script_info",
    "prepare_import",
    "routes_command",
    "run_command",
    "shell_command",
    "show_server_banner",
    "version_option",
    "with_appcontext",
]
