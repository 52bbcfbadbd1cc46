"""The synchronous reader, at the place of Falcon's compiled one."""

from __future__ import annotations

from ..util.reader import DEFAULT_CHUNK_SIZE, BufferedReader

__all__ = ["DEFAULT_CHUNK_SIZE", "BufferedReader"]
