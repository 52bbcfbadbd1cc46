"""Problem details (RFC 9457) for Fenrir: one error format for all paradigms and the OpenAPI document."""

from __future__ import annotations

from ._version import __version__
from .problem import MEDIA_TYPE, Problem, ProblemType

__all__ = ["MEDIA_TYPE", "Problem", "ProblemType", "__version__"]
