"""`fenrir run`: serve an app."""

from __future__ import annotations

import os
from typing import Any, Optional, Sequence

import click

from ..complete import complete_app
from ..errors import MISUSED, CliError
from ..loops import LOOPS
from ..options import LOG_LEVELS, ServeOptions
from ..start import start

_FILE = click.Path(exists=True, dir_okay=False)


@click.command()
@click.argument("app", required=False, shell_complete=complete_app)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="FENRIR_HOST",
    help="The address to listen on; 0.0.0.0 for all.",
)
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    envvar=["FENRIR_PORT", "PORT"],
    help="0 takes a free one.",
)
@click.option("--uds", metavar="PATH", help="Listen on a Unix domain socket instead.")
@click.option("--uds-mode", default="666", show_default=True, metavar="OCTAL", help="The permissions of that socket.")
@click.option("--fd", type=click.IntRange(0), help="Take over a listening socket by its number instead.")
@click.option("--dev", is_flag=True, help="Development: serve again after each change, log requests.")
@click.option("--reload-include", multiple=True, metavar="PATTERN", help="Watch these files too; repeatable.")
@click.option("--reload-exclude", multiple=True, metavar="PATTERN", help="Do not watch these; repeatable.")
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    envvar=["FENRIR_WORKERS", "WEB_CONCURRENCY"],
    help="How many processes serve.",
)
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--as", "aliases", multiple=True, metavar="NAME", help="`import NAME` (flask) gives Fenrir; repeatable.")
@click.option("--server", default="auto", show_default=True, help="The server; auto: uvicorn or hypercorn.")
@click.option("--loop", default="auto", show_default=True, type=click.Choice(LOOPS), help="The event loop.")
@click.option("--http2", is_flag=True, help="Offer HTTP/2.")
@click.option("--tls-cert", type=_FILE, help="The certificate and its chain (PEM): serve HTTPS.")
@click.option("--tls-key", type=_FILE, help="The certificate's private key (PEM).")
@click.option("--root-path", default="", metavar="PATH", help="The path at which a proxy serves the app, such as /api.")
@click.option("--proxy-headers", is_flag=True, help="Use X-Forwarded-For, -Proto and -Host of trusted proxies.")
@click.option(
    "--trusted-proxy",
    "trusted_proxies",
    multiple=True,
    metavar="HOST",
    help="Their addresses or networks; repeatable, * is all.",
)
@click.option(
    "--read-timeout",
    default=20.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="How long a client may pause in the head or the body of a request.",
)
@click.option("--env-file", type=_FILE, help="Set the variables of this file that are not yet set.")
@click.option("--log-level", default="info", show_default=True, type=click.Choice(LOG_LEVELS), help="What is logged.")
@click.option("--access-log/--no-access-log", default=None, help="Log each request; by default with --dev only.")
@click.option(
    "--graceful-timeout",
    "graceful",
    type=click.FloatRange(0.5),
    envvar="FENRIR_GRACEFUL_TIMEOUT",
    help="Seconds of open requests at a stop; 10, --dev 3.",
)
@click.option(
    "--shutdown-timeout",
    "shutdown",
    default=5.0,
    show_default=True,
    type=click.FloatRange(0),
    envvar="FENRIR_SHUTDOWN_TIMEOUT",
    help="Seconds of the app's shutdown.",
)
@click.option("--gc-freeze/--no-gc-freeze", default=True, help="Collect garbage of what serves only; on by default.")
def run(access_log: Optional[bool], graceful: Optional[float], aliases: Sequence[str], **given: Any) -> None:
    """Serve APP until SIGTERM or Ctrl+C.

    APP is module:attribute (app:app), a module, or a file (app.py). Left out, app.py, main.py or
    asgi.py of this directory or its src is taken.
    """
    dev = given["dev"]
    source = click.get_current_context().get_parameter_source
    if dev and source("workers") is not click.core.ParameterSource.COMMANDLINE:
        given["workers"] = 1  # the variable is for production
    options = ServeOptions(
        directory=os.getcwd(),
        access_log=dev if access_log is None else access_log,
        graceful=(3.0 if dev else 10.0) if graceful is None else graceful,
        **given,
    )
    _check_address(options)
    if aliases:
        from fenrir_core.alias import VARIABLE

        os.environ[VARIABLE] = ",".join(aliases)  # for the processes that serve, too
    start(options)


def _check_address(options: ServeOptions) -> None:
    """Raise an error for an address beside a socket."""
    source = click.get_current_context().get_parameter_source
    for place in (name for name in ("uds", "fd") if getattr(options, name) is not None):
        for name in (name for name in ("host", "port") if source(name) is click.core.ParameterSource.COMMANDLINE):
            message = f"--{place} and --{name} exclude each other: an app listens in one place."
            raise CliError(message, exit_code=MISUSED)
