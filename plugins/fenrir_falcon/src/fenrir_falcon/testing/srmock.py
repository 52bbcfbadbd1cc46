"""A stand-in for the `start_response` of a WSGI server."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

from ..util.structures import CaseInsensitiveDict


class StartResponseMock:
    """A callable that keeps what a WSGI app starts its response with.

    Attributes:
        status: The status line.
        headers: The headers as pairs.
        headers_dict: The headers as a mapping; a repeated one has its last value.
        exc_info: The third argument.
    """

    def __init__(self) -> None:
        self._call_count = 0
        self.status: Optional[str] = None
        self.headers: Optional[List[Tuple[str, str]]] = None
        self.headers_dict = CaseInsensitiveDict()
        self.exc_info: Any = None

    def __call__(self, status: str, headers: List[Tuple[str, str]], exc_info: Any = None) -> None:
        """Keep the start of a response."""
        self._call_count += 1
        self.status = status
        self.headers = [(name.lower(), value) for name, value in headers]
        self.headers_dict = CaseInsensitiveDict(headers)
        self.exc_info = exc_info

    @property
    def call_count(self) -> int:
        """How often it was called."""
        return self._call_count
