"""What handles errors, directories and ranges."""

from __future__ import annotations

from .content_range import ContentRangeHandler
from .directory import DirectoryHandler
from .error import ErrorHandler

__all__ = ("ContentRangeHandler", "DirectoryHandler", "ErrorHandler")
