"""The loggers of Sanic's code, and how `logging` can be configured for them."""

from __future__ import annotations

import logging
import sys
from enum import Enum
from typing import Any
from warnings import warn

from fenrir_core.authoring import get_logger

from .values import Values

logger = get_logger("sanic.root")
error_logger = get_logger("sanic.error")
access_logger = get_logger("sanic.access")
server_logger = get_logger("sanic.server")
websockets_logger = get_logger("sanic.websockets")


class Colors(str, Enum):
    """Escape sequences of terminals."""

    END = "\033[0m"
    BOLD = "\033[1m"
    CYAN = "\033[36m"
    BLUE = "\033[34m"
    GREEN = "\033[32m"
    PURPLE = "\033[35m"
    RED = "\033[31m"
    SANIC = "\033[38;2;255;13;104m"
    YELLOW = "\033[33m"
    GREY = "\033[38;5;240m"


class VerbosityFilter(logging.Filter):
    """A filter that drops records beyond a verbosity; 0 by default."""

    verbosity: int = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is within the verbosity."""
        return int(getattr(record, "verbosity", 0)) <= self.verbosity


def _handler(stream: Any, formatter: str) -> Values:
    return {"class": "logging.StreamHandler", "formatter": formatter, "stream": stream}


def _logger(name: str, *handlers: str) -> Values:
    return {"level": "INFO", "handlers": list(handlers), "propagate": True, "qualname": name}


#: A configuration for `logging.config.dictConfig`: `fenrir run` does not need it.
LOGGING_CONFIG_DEFAULTS: Values = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {
        "sanic.root": {"level": "INFO", "handlers": ["console"]},
        "sanic.error": _logger("sanic.error", "error_console"),
        "sanic.access": _logger("sanic.access", "access_console"),
        "sanic.server": _logger("sanic.server", "console"),
        "sanic.websockets": _logger("sanic.websockets", "console"),
    },
    "handlers": {
        "console": _handler(sys.stdout, "generic"),
        "error_console": _handler(sys.stderr, "generic"),
        "access_console": _handler(sys.stdout, "access"),
    },
    "formatters": {
        "generic": {"class": "fenrir_sanic.logging.formatter.AutoFormatter"},
        "access": {"class": "fenrir_sanic.logging.formatter.AutoAccessFormatter"},
    },
}


def deprecation(message: str, version: float) -> None:
    """Warn about something that goes away with a version."""
    text = f"[DEPRECATION v{version}] {message}"
    logger.warning(text)
    warn(text, DeprecationWarning, stacklevel=2)
