"""One serving process: `fenrir run` itself, or a child of its supervisor."""

from __future__ import annotations

import json
import os
import socket
import sys
from contextlib import suppress
from typing import Any, Tuple

from .banner import banner, summary
from .console import paint, say, show_error, warn
from .envfile import load_env_file
from .errors import CliError
from .listen import listening, url_of
from .loader import built, load_app
from .options import ServeOptions
from .servers import label_of
from .serving import serve
from .target import AppTarget, parse_target


def serve_here(options: ServeOptions, app: Any = None) -> int:
    """Listen, and serve an app in this process; by default the one that the options name.

    Returns:
        The exit code.

    Raises:
        CliError: The port is in use, the app can't be loaded, or its start-up fails.
    """
    is_command = app is None
    with listening(options) as listener:
        if app is None:
            target, app = _load(options)
            label = str(target)
        else:
            _set_variables(options)
            built(app)
            label = type(app).__name__ if options.app is None else str(parse_target(options.app, "."))
        url = url_of(listener, options)

        def ready() -> None:
            say("\n".join(banner(label, url, label_of(options), "", summary(app), options.faster)))

        return serve(app, listener, options, ready, owns_process=is_command)


def _set_variables(options: ServeOptions) -> None:
    if options.env_file is not None:
        load_env_file(options.env_file)


def _load(options: ServeOptions) -> Tuple[AppTarget, Any]:
    _set_variables(options)
    target = parse_target(options.app, options.directory)
    return target, built(load_app(target, options.factory))


def serve_for_supervisor(options: ServeOptions, listener: socket.socket, leash: socket.socket) -> int:
    """Serve on the supervisor's socket, and report over `leash` when the app is ready.

    Returns:
        The exit code.
    """
    try:
        target, app = _load(options)

        def ready() -> None:
            leash.sendall(json.dumps({"label": str(target), **summary(app)}).encode() + b"\n")

        return serve(app, listener, options, ready, leash)
    except CliError as error:
        if options.dev:
            _show_failure(error, leash)
        else:
            show_error(error)
        return error.exit_code


def _show_failure(error: CliError, leash: socket.socket) -> None:
    """Print an error with the code around it, and send the supervisor its page."""
    from .pages.failure import failure_of

    failure = failure_of(error)
    warn(f"{paint('Error:', '1;31', sys.stderr)} {failure.text}")
    leash.setblocking(True)
    with suppress(OSError):  # the supervisor has ended
        leash.sendall(json.dumps({"failure": failure.to_json()}).encode() + b"\n")


def main() -> None:
    """Run as a child: the arguments are the options, the listening socket and the leash."""
    options = ServeOptions.from_json(sys.argv[1])
    listener = socket.socket(fileno=int(sys.argv[2]))
    leash = socket.socket(fileno=int(sys.argv[3]))
    for inherited in (listener, leash):
        os.set_inheritable(inherited.fileno(), False)  # not inherited by the app's own child processes
    if options.directory not in sys.path:
        sys.path.insert(0, options.directory)
    sys.exit(serve_for_supervisor(options, listener, leash))


if __name__ == "__main__":
    main()
