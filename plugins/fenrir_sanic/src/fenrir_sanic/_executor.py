"""The threads in which this package reads files outside of a request."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache


@lru_cache(maxsize=None)
def file_pool() -> ThreadPoolExecutor:
    """Return the process's pool for files, made at its first use."""
    return ThreadPoolExecutor(4, thread_name_prefix="fenrir-sanic-files")
