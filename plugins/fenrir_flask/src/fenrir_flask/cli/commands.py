"""The commands `run`, `shell` and `routes`."""

from __future__ import annotations

import os
import sys
from operator import itemgetter
from typing import Any, Dict, List, Optional

import click

from ..helpers import get_debug_flag
from .context import ScriptInfo, current, pass_script_info, with_appcontext
from .parameters import CertParamType, SeparatedPathType, debug_option, validate_key


def show_server_banner(debug: bool, app_import_path: Optional[str]) -> None:
    """Print which app is served and whether it is in debug mode."""
    if app_import_path is not None:
        click.echo(f" * Serving Flask app {app_import_path!r}")
    if debug is not None:
        click.echo(f" * Debug mode: {'on' if debug else 'off'}")


@click.command("run", short_help="Run a development server.")
@click.option("--host", "-h", default="127.0.0.1", help="The interface to bind to.")
@click.option("--port", "-p", default=5000, help="The port to bind to.")
@click.option("--cert", type=CertParamType(), is_eager=True, help="A certificate file, to serve HTTPS.")
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True),
    callback=validate_key,
    expose_value=False,
    help="The key file of the certificate.",
)
@click.option("--reload/--no-reload", default=None, help="Restart after each change. By default in debug mode.")
@click.option("--debugger/--no-debugger", default=None, help="Show pages about errors. By default in debug mode.")
@click.option("--with-threads/--without-threads", default=True, help="Accepted; synchronous views run in threads.")
@click.option("--extra-files", default=None, type=SeparatedPathType(), help="More files whose changes restart it.")
@click.option("--exclude-patterns", default=None, type=SeparatedPathType(), help="Files whose changes do not.")
@pass_script_info
def run_command(
    info: ScriptInfo,
    host: str,
    port: int,
    reload: Optional[bool],
    debugger: Optional[bool],
    with_threads: bool,
    cert: Any,
    extra_files: Optional[List[str]],
    exclude_patterns: Optional[List[str]],
) -> None:
    """Serve the app on this machine, with the server of `fenrir run`.

    The reloader and pages about errors are on in debug mode: with the option '--debug'.
    """
    try:
        app = info.load_app()
    except Exception as error:
        if not isinstance(error, click.ClickException):
            import traceback

            traceback.print_exc()
            sys.exit(1)
        raise
    debug = get_debug_flag()
    options: Dict[str, Any] = {"use_reloader": debug if reload is None else reload}
    if extra_files:
        options["reload_include"] = extra_files
    if exclude_patterns:
        options["reload_exclude"] = exclude_patterns
    if isinstance(cert, tuple):
        options["ssl_context"] = cert
    elif cert is not None:
        raise click.UsageError("Pass the names of two files, --cert and --key: this server takes no other certificate.")
    del with_threads
    show_server_banner(debug, info.app_import_path)
    app.run(host, port, debug if debugger is None else debugger, **options)


run_command.params.insert(0, debug_option(is_eager=True))


@click.command("shell", short_help="Run a shell in the app context.")
@with_appcontext
def shell_command() -> None:
    """Open a Python prompt in the context of the app, with what `shell_context_processor` functions return."""
    import code

    app = current()
    banner = f"Python {sys.version} on {sys.platform}\nApp: {app.import_name}\nInstance: {app.instance_path}"
    names: Dict[str, Any] = {}
    startup = os.environ.get("PYTHONSTARTUP")
    if startup and os.path.isfile(startup):
        with open(startup) as file:
            eval(compile(file.read(), startup, "exec"), names)
    names.update(app.make_shell_context())
    hook = getattr(sys, "__interactivehook__", None)
    if hook is not None:
        try:
            import readline
            from rlcompleter import Completer
        except ImportError:
            pass
        else:
            readline.set_completer(Completer(names).complete)
        hook()
    code.interact(banner=banner, local=names)


@click.command("routes", short_help="Show the routes for the app.")
@click.option(
    "--sort",
    "-s",
    type=click.Choice(("endpoint", "methods", "domain", "rule", "match")),
    default="endpoint",
    help="What the rules are sorted by; 'match' is the order in which they are tried.",
)
@click.option("--all-methods", is_flag=True, help="Show HEAD and OPTIONS, too.")
@with_appcontext
def routes_command(sort: str, all_methods: bool) -> None:
    """Show all registered routes with endpoints and methods."""
    app = current()
    rules = list(app.url_map.iter_rules())
    if not rules:
        click.echo("No routes were registered.")
        return
    hidden = set() if all_methods else {"HEAD", "OPTIONS"}
    has_host = app.url_map.host_matching
    has_domain = has_host or any(rule.subdomain for rule in rules)
    rows = []
    for rule in rules:
        methods = ", ".join(sorted((rule.methods or set()) - hidden))
        row = [rule.endpoint, methods]
        if has_domain:
            row.append((rule.host if has_host else rule.subdomain) or "")
        rows.append([*row, rule.rule])
    heads, sorts = ["Endpoint", "Methods"], ["endpoint", "methods"]
    if has_domain:
        heads.append("Host" if has_host else "Subdomain")
        sorts.append("domain")
    heads, sorts = [*heads, "Rule"], [*sorts, "rule"]
    if sort in sorts:
        rows.sort(key=itemgetter(sorts.index(sort)))
    widths = [max(map(len, column)) for column in zip(heads, *rows)]
    rows[:0] = [heads, ["-" * width for width in widths]]
    for row in rows:
        click.echo("  ".join(item.ljust(width) for item, width in zip(row, widths)).rstrip())
