"""Output to the terminal: messages, coloured if a person reads them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Iterable, Optional

from .errors import CliError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


def console(width: Optional[int] = None) -> Console:
    """Return a rich console on stdout; if piped, without colour and without cut lines."""
    from rich.console import Console

    if width is None and not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        width = 500
    return Console(width=width, highlight=False, soft_wrap=False)


def show(*parts: RenderableType) -> None:
    """Print tables and the like on stdout; if piped, without trailing blanks."""
    out = console()
    if out.is_terminal:
        for part in parts:
            out.print(part)
        return
    with out.capture() as captured:
        for part in parts:
            out.print(part)
    say("\n".join(line.rstrip() for line in captured.get().splitlines()))


def say(text: str = "") -> None:
    """Print a line and flush it, so that it appears at once in a pipe too."""
    print(text, flush=True)


def warn(text: str) -> None:
    """Print a line on stderr."""
    print(text, file=sys.stderr, flush=True)


def show_error(error: CliError) -> None:
    """Print an error on stderr."""
    warn(f"{paint('Error:', '1;31', sys.stderr)} {error}")


def paint(text: str, code: str, stream: Any = None) -> str:
    """Return a word with an ANSI colour if the stream is a terminal that shows colour, else as it is."""
    stream = sys.stdout if stream is None else stream
    wanted = stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return f"\x1b[{code}m{text}\x1b[0m" if wanted else text


def bullet(lines: Iterable[str]) -> str:
    """Join lines, each indented."""
    return "\n".join(f"  {line}" for line in lines)
