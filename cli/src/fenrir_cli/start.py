"""The start of serving, for `fenrir run` and for the method `run` of an app."""

from __future__ import annotations

import sys
from typing import Any

from .addresses import Trusted
from .errors import MISUSED, CliError
from .options import ServeOptions


def start(options: ServeOptions, app: Any = None) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP.

    Args:
        options: How to serve, and the name of the app.
        app: An app to serve in this process. By default the app is loaded by its name: with `dev` or several workers
            by processes of their own, else by this one.

    Raises:
        CliError: The options exclude each other, or it can't be served.
        SystemExit: No process could start, or the stop has cut something off.
    """
    _check(options)
    from .servers import chosen

    options = chosen(options)
    if app is None and (options.dev or options.workers > 1):
        from .supervisor import supervise

        supervise(options)
    else:
        from .worker import serve_here

        code = serve_here(options, app)
        if code:
            sys.exit(code)


def _check(options: ServeOptions) -> None:
    """Raise an error for options that exclude each other."""
    if options.dev and options.workers > 1:
        raise CliError("--dev serves with one worker: leave out --workers or --dev.", exit_code=MISUSED)
    if options.uds is not None and options.fd is not None:
        raise CliError("--uds and --fd exclude each other: an app listens in one place.", exit_code=MISUSED)
    if (options.tls_cert is None) != (options.tls_key is None):
        raise CliError("--tls-cert and --tls-key belong together: give both.", exit_code=MISUSED)
    if options.tls_cert is not None:
        _check_certificate(options)
    if options.trusted_proxies and not options.proxy_headers:
        raise CliError("--trusted-proxy says whom --proxy-headers believes: give that too.", exit_code=MISUSED)
    Trusted(options.trusted_proxies)
    if not 0 < len(options.uds_mode) < 5 or options.uds_mode.strip("01234567"):
        raise CliError(f"--uds-mode {options.uds_mode} is no mode: give one in octal, such as 660.", exit_code=MISUSED)
    if not options.dev and (options.reload_include or options.reload_exclude):
        raise CliError("--reload-include and --reload-exclude belong to --dev.", exit_code=MISUSED)


def _check_certificate(options: ServeOptions) -> None:
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(str(options.tls_cert), options.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise CliError(
            f"{options.tls_cert} and {options.tls_key} are no certificate and its key in PEM form: {error}.",
            exit_code=MISUSED,
        ) from None
