"""Starlette's helpers for threads, at FastAPI's import path."""

from __future__ import annotations

from .starlette.concurrency import (
    call_either,
    iterate_in_threadpool,
    run_in_threadpool,
    run_until_first_complete,
)
from .thread_contexts import contextmanager_in_threadpool

__all__ = [
    "contextmanager_in_threadpool",
    "call_either",
    "iterate_in_threadpool",
    "run_in_threadpool",
    "run_until_first_complete",
]
