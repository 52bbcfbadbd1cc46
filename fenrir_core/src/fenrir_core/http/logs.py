"""Log records that a client can't begin a line of: their text, and the tracebacks that come with them."""

from __future__ import annotations

import logging
from typing import List, Optional


def get_logger(name: str) -> logging.Logger:
    """Return a logger whose tracebacks can't contain a line that looks like a record, whatever formatter writes them.

    An exception's text may repeat what a client has sent, line breaks included. The traceback of such an exception is
    indented and escaped; any other is left to the formatter.

    Args:
        name: The logger's name.
    """
    logger = logging.getLogger(name)
    logger.addFilter(escape_traceback)
    return logger


def escape_traceback(record: logging.LogRecord) -> bool:
    """Set the text of a record's traceback, if an exception in it has control characters; a filter that drops nothing.

    Source: `logging.Formatter.format`, which takes `exc_text` where it is set.
    """
    if record.exc_info and not record.exc_text and _is_unprintable(record.exc_info[1]):
        record.exc_text = escaped_lines(logging.Formatter().formatException(record.exc_info))
    return True


def escaped_lines(text: str) -> str:
    """Return a text of several lines with each line indented, and its control characters escaped except tabs."""
    lines = ("\t".join(map(printable, line.split("\t"))) for line in text.splitlines())
    return "\n".join(f"  {line}" for line in lines)


def printable(value: object) -> str:
    """Return the text of a value with its control characters escaped, so that a log has it in one line.

    Line separators, escape sequences of terminals and lone surrogates are escaped too; letters of any script are kept.
    """
    text = str(value)
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _is_unprintable(error: Optional[BaseException]) -> bool:
    """Return whether a text that the traceback of an exception ends with, or shows below, has a control character."""
    waiting: List[Optional[BaseException]] = [error]
    seen = set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        try:
            texts = [str(one), *map(str, getattr(one, "__notes__", ()))]
        except Exception:  # a traceback shows it without its text
            continue
        if not all(text.isprintable() for text in texts):
            return True
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
    return False
