"""Errors that are shown to the user in one line, without a traceback."""

from __future__ import annotations

from typing import Sequence

#: Exit codes: the app or its environment is at fault, or the way the command was called.
FAILED, MISUSED = 1, 2
#: Exit code after Ctrl+C, as shells have it: 128 plus the signal.
INTERRUPTED = 130


class CliError(Exception):
    """An error that ends the command with a message and an exit code.

    Args:
        message: One line: what is wrong and where.
        details: Further lines below it: the user's own code, or what to do.
        exit_code: What the process ends with.
    """

    def __init__(self, message: str, details: Sequence[str] = (), exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.message, self.details, self.exit_code = message, tuple(details), exit_code

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {line}" for line in self.details)])
