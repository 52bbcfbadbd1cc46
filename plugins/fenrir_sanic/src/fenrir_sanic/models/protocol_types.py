"""Protocols of arguments, for annotations."""

from __future__ import annotations

from asyncio import BaseTransport
from typing import Optional, Protocol, Union


class HTMLProtocol(Protocol):
    """What `html()` writes by its own methods."""

    def __html__(self) -> Union[str, bytes]: ...

    def _repr_html_(self) -> Union[str, bytes]: ...


class Range(Protocol):
    """A part of a file: first and last byte, their number, and the size of the file."""

    start: Optional[int]
    end: Optional[int]
    size: Optional[int]
    total: Optional[int]


class TransportProtocol(BaseTransport):
    """A transport; requests have none here, where an ASGI server reads the socket."""
