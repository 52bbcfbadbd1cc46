"""The helpers of Falcon's public module."""

from __future__ import annotations

from ..constants import PYTHON_VERSION
from . import deprecation, mediatypes, misc, structures, sync, time, uri
from .deprecation import AttributeRemovedError, DeprecatedWarning, deprecated, deprecated_args
from .mediatypes import parse_header
from .misc import *  # noqa: F403
from .reader import BufferedReader
from .structures import CaseInsensitiveDict, Context, ETag
from .sync import (
    async_to_sync,
    create_task,
    get_running_loop,
    runs_sync,
    sync_to_async,
    wrap_sync_to_async,
    wrap_sync_to_async_unsafe,
)
from .time import TimezoneGMT

__all__ = [
    "PYTHON_VERSION",
    "AttributeRemovedError",
    "BufferedReader",
    "CaseInsensitiveDict",
    "Context",
    "DeprecatedWarning",
    "ETag",
    "TimezoneGMT",
    "async_to_sync",
    "create_task",
    "deprecated",
    "deprecated_args",
    "deprecation",
    "get_running_loop",
    "mediatypes",
    "misc",
    "parse_header",
    "runs_sync",
    "structures",
    "sync",
    "sync_to_async",
    "time",
    "uri",
    "wrap_sync_to_async",
    "wrap_sync_to_async_unsafe",
]
__all__ += [name for name in misc.__all__ if name not in __all__]
