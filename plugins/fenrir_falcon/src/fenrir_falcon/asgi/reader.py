"""A buffered reader of an asynchronous byte stream, which can read up to a delimiter."""

from __future__ import annotations

from ..async_reader import AsyncWritableIO, BufferedReader

__all__ = ["AsyncWritableIO", "BufferedReader"]
