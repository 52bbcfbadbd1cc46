"""What the command line tells its user instead of a traceback."""

from __future__ import annotations

from typing import Sequence

#: Exit codes: something is wrong with the app or its surroundings, or with how the command was called.
FAILED, MISUSED = 1, 2
#: Ctrl+C ended the command, as shells number it: 128 and the signal.
INTERRUPTED = 130


class CliError(Exception):
    """End the command with a message and an exit code.

    Args:
        message: One line: what is wrong and where.
        details: Further lines, shown beneath it: the user's own code, or what to do.
        exit_code: What the process ends with.
    """

    def __init__(self, message: str, details: Sequence[str] = (), exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.message, self.details, self.exit_code = message, tuple(details), exit_code

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {line}" for line in self.details)])
