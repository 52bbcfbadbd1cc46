"""Multipart forms that asynchronous code reads."""

from __future__ import annotations

from ..media.multipart import AsyncBodyPart as BodyPart
from ..media.multipart import AsyncMultipartForm as MultipartForm

__all__ = ["BodyPart", "MultipartForm"]
