"""`fenrir run`: serve an app."""

from __future__ import annotations

import os
from typing import Optional

import click

from ..errors import MISUSED, CliError
from ..options import LOG_LEVELS, ServeOptions


@click.command()
@click.argument("app", required=False)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on; 0.0.0.0 for all.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--dev", is_flag=True, help="Development: serve again after each change, log requests.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="How many processes serve.")
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--server", default="hypercorn", show_default=True, help="What serves.")
@click.option("--log-level", default="info", show_default=True, type=click.Choice(LOG_LEVELS), help="What is logged.")
@click.option("--access-log/--no-access-log", default=None, help="Log each request; by default with --dev only.")
def run(
    app: Optional[str],
    host: str,
    port: int,
    dev: bool,
    workers: int,
    factory: bool,
    server: str,
    log_level: str,
    access_log: Optional[bool],
) -> None:
    """Serve APP until SIGTERM or Ctrl+C.

    APP is module:attribute (app:app), a module, or a file (app.py). Left out, app.py, main.py or
    asgi.py of this directory or its src is taken.
    """
    if dev and workers > 1:
        raise CliError("--dev serves with one worker: leave out --workers or --dev.", exit_code=MISUSED)
    options = ServeOptions(
        app=app,
        directory=os.getcwd(),
        factory=factory,
        host=host,
        port=port,
        dev=dev,
        workers=workers,
        log_level=log_level,
        access_log=dev if access_log is None else access_log,
        server=server,
        graceful=3.0 if dev else 10.0,
    )
    if dev or workers > 1:
        from ..supervisor import supervise

        supervise(options)
    else:
        from ..worker import serve_here

        serve_here(options)
