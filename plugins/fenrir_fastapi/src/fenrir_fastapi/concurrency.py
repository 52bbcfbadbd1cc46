"""Starlette's thread helpers, at FastAPI's import path."""

from __future__ import annotations

from .starlette.concurrency import call_either, iterate_in_threadpool, run_in_threadpool

__all__ = ["call_either", "iterate_in_threadpool", "run_in_threadpool"]
