"""Values by name, several for each."""

from __future__ import annotations

from ..parameters_dict import RequestParameters

__all__ = ("RequestParameters",)
