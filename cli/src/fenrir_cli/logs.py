"""Logs of a serving process: the handler, and the message of a failed start-up."""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Optional, TextIO, Type

from fenrir_core.authoring import REPORTED, escape_traceback, escaped_lines, get_logger, printable

from .errors import CliError
from .loader import user_line
from .options import ServeOptions

FORMAT, TIME_FORMAT = "%(asctime)s %(levelname)-8s %(name)s: %(message)s", "%H:%M:%S"
error_logger = get_logger("fenrir.error")


def start_logs(options: ServeOptions) -> None:
    """Show log records on stderr, unless the app has set up logging itself."""
    level = getattr(logging, options.log_level.upper())
    if not logging.getLogger().handlers:
        logging.basicConfig(level=max(level, logging.INFO), handlers=[LineHandler()])
    logging.getLogger("fenrir").setLevel(level)
    if options.access_log and level > logging.INFO:
        logging.getLogger("fenrir.access").setLevel(logging.INFO)  # asked for by name


class LineFormatter(logging.Formatter):
    """A formatter whose tracebacks can't contain a line that looks like a record of its own.

    A message of an exception may repeat what a client has sent, line breaks included.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record; the text that another formatter has left in it is not taken."""
        left, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = left

    def formatException(self, ei: Any) -> str:
        """Return a traceback, indented, with control characters escaped."""
        return escaped_lines(super().formatException(ei))


def escaped(text: str) -> str:
    """Return a text in one line of ASCII, with the escape sequences of a Python literal."""
    return text.encode("unicode_escape").decode("ascii")


if TYPE_CHECKING:
    _StreamHandler = logging.StreamHandler[TextIO]
else:  # COMPAT: before Python 3.11 it can't be subscripted
    _StreamHandler = logging.StreamHandler


class LineHandler(_StreamHandler):
    """The command's own handler: records go to stderr, each after the lines that wait to be written.

    Attributes:
        before: Called before a record is written; it may call `write`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.before: Optional[Callable[[], None]] = None
        self.formatter = self._own = LineFormatter(FORMAT, datefmt=TIME_FORMAT)

    @property
    def is_as_made(self) -> bool:
        """Whether no other formatter, stream or level was set."""
        return self.formatter is self._own and self.level <= logging.INFO

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        if self.before is not None:
            try:
                self.before()
            except Exception:
                self.handleError(record)
        super().emit(record)

    def write(self, lines: str) -> None:
        """Write lines that are formatted already."""
        try:
            self.stream.write(lines)
            self.flush()
        except (OSError, ValueError):  # nothing reads them any more; there is no other place to say so
            pass


def is_news(record: logging.LogRecord) -> bool:
    """Return whether a server's log record is about anything but an error that the kernel has logged.

    A client can't begin a line with the traceback of one that is.
    """
    escape_traceback(record)
    if record.exc_info is None:
        return True
    error = record.exc_info[1]
    # a request is cancelled at the end of a stop, which is logged
    return not isinstance(error, asyncio.CancelledError) and not _is_logged(error)


def log_failure(scope: Any, error: BaseException) -> None:
    """Log what an app raised to its server, if the kernel has not; for servers that log no exception, or only text."""
    if not _is_logged(error):
        vars(error)[REPORTED] = True  # a server may log what is raised on
        method = scope.get("method", "WEBSOCKET")
        error_logger.error("%s %s failed", printable(method), printable(scope["path"]), exc_info=error)


def _is_logged(error: Optional[BaseException]) -> bool:
    return getattr(error, REPORTED, False)


class StartupNotes(logging.Filter):
    """A log filter that catches the kernel's record of a failed start-up, so that it is shown once and in short.

    Use it as a context manager around serving.
    """

    def __init__(self) -> None:
        super().__init__()
        self._cause: Optional[BaseException] = None

    def __enter__(self) -> StartupNotes:
        logging.getLogger("fenrir").addFilter(self)
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        logging.getLogger("fenrir").removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Return False for the record of a failed start-up, and keep it."""
        from fenrir_core import BuildError
        from fenrir_core.exceptions import StartupFailed

        arguments = record.args if isinstance(record.args, tuple) else ()
        failed = [value for value in arguments if isinstance(value, (BuildError, StartupFailed))]
        if failed:
            self._cause = failed[0].__cause__
        return not failed

    def explain(self, message: str) -> CliError:
        """Return the error that says why the app did not start, with the user's own line of code."""
        if self._cause is None:
            return CliError(message)
        root = self._cause
        while root.__cause__ is not None:
            root = root.__cause__
        return CliError(message, [line] if (line := user_line(root)) else [])
