"""What asynchronous streams that are only read answer to the questions of a file."""

from __future__ import annotations

from typing import NoReturn


class ReadOnly:
    """The answers of a stream that has no file descriptor, and is read from its beginning to its end."""

    def fileno(self) -> NoReturn:
        """Refuse to give a file descriptor.

        Raises:
            OSError: Always.
        """
        raise OSError("This IO object does not use a file descriptor")

    def isatty(self) -> bool:
        """Return that it is no terminal."""
        return False

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that it has no positions to go to."""
        return False

    def writable(self) -> bool:
        """Return that it can't be written."""
        return False
