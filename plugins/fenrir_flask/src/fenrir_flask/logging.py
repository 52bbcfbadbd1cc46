"""The logger of an app: its handler writes to the error stream of the request."""

from __future__ import annotations

import logging
import sys
from typing import IO, Any, cast

from werkzeug.local import LocalProxy

from fenrir_core import current
from fenrir_core.authoring import get_logger


def _stream() -> IO[str]:
    """Return the error stream of the WSGI request, or the standard error."""
    connection = current.get(None)
    environ = None if connection is None else connection.scope.get("wsgi.environ")
    found = None if environ is None else environ.get("wsgi.errors")
    return cast("IO[str]", sys.stderr if found is None else found)


#: The stream that log entries are written to: the WSGI server's, in a request that came through it.
wsgi_errors_stream: Any = LocalProxy(_stream)

#: The handler of an app's logger where no other one takes its entries.
default_handler = logging.StreamHandler(wsgi_errors_stream)
default_handler.setFormatter(logging.Formatter("[%(asctime)s] %(levelname)s in %(module)s: %(message)s"))


def has_level_handler(logger: logging.Logger) -> bool:
    """Return whether a logger, or one that it hands entries on to, has a handler for its effective level."""
    level = logger.getEffectiveLevel()
    found: Any = logger
    while found is not None:
        if any(handler.level <= level for handler in found.handlers):
            return True
        found = found.parent if found.propagate else None
    return False


def create_logger(app: Any) -> logging.Logger:
    """Return the logger of an app, by its name; in debug mode it logs from DEBUG on."""
    logger = get_logger(app.name)  # what a client sends begins no line of a traceback
    if app.debug and not logger.level:
        logger.setLevel(logging.DEBUG)
    if not has_level_handler(logger):
        logger.addHandler(default_handler)
    return logger
