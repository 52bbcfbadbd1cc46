"""Mounting of WSGI applications: `app.mount_wsgi`."""

from __future__ import annotations

import inspect
from typing import Any, List, Optional

from fenrir_core import App, BuildError, Mount, Origin
from fenrir_core.authoring import caller, unwrap_callable

from .bridge import MountOptions, WSGIBridge

_HOW = 'Write app.mount_wsgi(wsgi_app, prefix="/legacy").'


def mount_wsgi(
    app: App,
    *arguments: Any,
    prefix: Optional[str] = None,
    wsgi_app: Any = None,
    name: str = "",
    threads: Optional[int] = None,
    max_body: Optional[int] = None,
    send_timeout: Optional[float] = 60.0,
    guards: bool = True,
) -> None:
    """Mount a WSGI application under a prefix.

    The app's own routes win over it, and a longer prefix wins over a shorter one. It runs in
    threads, as many at a time as the setting `threads` says, which the app's own handlers do not share. Its request
    bodies are limited by the setting `max_body`. An
    exception that it raises before the response begins is handled and logged as a handler's.

    Args:
        app: The app.
        arguments: The application and the prefix, in either order, unless they are passed by
            name.
        prefix: A path that starts with "/"; "/" is everything that no route serves.
        wsgi_app: A callable `(environ, start_response)`.
        name: A name for reports.
        threads: How many of its requests run at a time; by default the setting `threads`. With 1 the application
            need not be thread-safe.
        max_body: The most bytes of a request body; by default the setting `max_body`.
        send_timeout: Seconds for which a client may take nothing of a response that is sent in pieces, before the
            connection is broken off and its thread is free again; None for any time.
        guards: Whether the app's before and after steps run for its requests, too, as with `app.mount`.

    Raises:
        BuildError: The application or the prefix is missing, passed twice, or of a wrong type; or a number is not
            positive.
    """
    where = caller()[0]
    prefixes = [item for item in (*arguments, prefix) if isinstance(item, str)]
    applications = [item for item in (*arguments, wsgi_app) if not isinstance(item, str) and item is not None]
    _check(where, prefixes, applications, prefix)
    path = prefixes[0].rstrip("/")
    options = MountOptions(threads, max_body, send_timeout).checked(f"{where}: mount_wsgi")
    bridge = WSGIBridge(app, applications[0], path, options)
    app.register(Mount(path, bridge, name, where, Origin("wsgi"), applications[0], guards))


def _check(where: str, prefixes: List[str], applications: List[Any], prefix: Any) -> None:
    if prefix is not None and not isinstance(prefix, str):
        raise BuildError(f"{where}: mount_wsgi: the prefix {prefix!r} is not a str. {_HOW}")
    for found, what in ((applications, "WSGI application"), (prefixes, "prefix")):
        if len(found) != 1:
            problem = "no" if not found else "more than one"
            raise BuildError(f"{where}: mount_wsgi got {problem} {what}. {_HOW}")
    if not prefixes[0].startswith("/"):
        raise BuildError(f"{where}: mount_wsgi: the prefix {prefixes[0]!r} must start with '/'. {_HOW}")
    application = applications[0]
    if not callable(application):
        raise BuildError(f"{where}: mount_wsgi: {application!r} is not callable, so not a WSGI application. {_HOW}")
    if isinstance(application, App) or inspect.iscoroutinefunction(unwrap_callable(application)):
        raise BuildError(
            f"{where}: mount_wsgi: {type(application).__name__} is an ASGI application. "
            f"Use app.mount({prefixes[0]!r}, …) for it."
        )
