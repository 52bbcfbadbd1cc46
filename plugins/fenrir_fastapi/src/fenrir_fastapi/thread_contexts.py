"""Blocking context managers for asynchronous code."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import AsyncIterator, ContextManager, TypeVar

from .starlette.concurrency import run_in_threadpool

T = TypeVar("T")

__all__ = ["contextmanager_in_threadpool"]


@asynccontextmanager
async def contextmanager_in_threadpool(cm: ContextManager[T]) -> AsyncIterator[T]:
    """Enter and leave a blocking context manager in threads; it may suppress the error of the block."""
    value = await run_in_threadpool(cm.__enter__)
    try:
        yield value
    except Exception as error:
        if not await run_in_threadpool(cm.__exit__, type(error), error, error.__traceback__):
            raise
    else:
        await run_in_threadpool(cm.__exit__, None, None, None)
