"""Serving of an app that a program has made: what the method `run` of an app calls."""

from __future__ import annotations

import os
import sys
from dataclasses import fields
from typing import Any, Dict, Optional

from fenrir_core.alias import VARIABLE, active
from fenrir_core.authoring import did_you_mean

from .console import show_error
from .errors import MISUSED, CliError
from .options import ServeOptions
from .start import start

#: The options of `fenrir run` that a program gives in another way, or has given already.
_OTHERS = ("app", "directory", "factory", "dev")
#: The options that have another name on the command line than in `ServeOptions`.
_FIELDS = {"graceful_timeout": "graceful", "shutdown_timeout": "shutdown"}


def run_app(
    app: Any,
    target: Optional[str],
    *,
    host: str,
    port: int,
    debug: bool = False,
    dev: bool = False,
    reload: Optional[bool] = None,
    **options: Any,
) -> None:
    """Serve an app until SIGTERM or Ctrl+C.

    Args:
        app: The app.
        target: The name under which another process can load it, ``file:attribute``, or None.
        host, port: Where to listen.
        debug, dev: Whether the app is in debug mode, and browsers get pages about errors.
        reload: Whether the app is loaded anew after each change; by default as `debug`.
        **options: As of `ServeOptions`, for example `server`, `workers` and `access_log`.

    Raises:
        SystemExit: It can't be served; the message is on stderr.
    """
    try:
        options = {_FIELDS.get(name, name): value for name, value in options.items()}
        _check_names(options)
        debug = debug or dev
        reload = debug if reload is None else reload
        if debug:
            app.settings["debug"] = True
        dev = debug or reload
        given: Dict[str, Any] = {"access_log": dev, "graceful": 3.0 if dev else 10.0, **options}
        chosen = ServeOptions(target, os.getcwd(), host=host, port=port, dev=dev, **given)
        by_name = reload or chosen.workers > 1
        if by_name and target is None:
            raise CliError(
                "Other processes load the app by its name, which it has not: make it a global of the module that "
                "calls run(), or leave out reload and workers.",
                exit_code=MISUSED,
            )
        if by_name:
            os.environ[VARIABLE] = ",".join(active())
        start(chosen, None if by_name else app)
    except CliError as error:
        show_error(error)
        sys.exit(error.exit_code)


def _check_names(options: Dict[str, Any]) -> None:
    """Raise an error for an option that `fenrir run` has not."""
    known = [field.name for field in fields(ServeOptions) if field.name not in _OTHERS]
    for name in options:
        if name not in known:
            hint = did_you_mean(name, known, f"There are: debug, reload, {', '.join(known)}.")
            raise CliError(f"run() can't honour {name!r}. {hint}", exit_code=MISUSED)
