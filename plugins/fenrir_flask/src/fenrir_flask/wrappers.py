"""Flask's public module `flask.wrappers`: re-exports `Request` and `Response`."""

from __future__ import annotations

from .request import Request
from .response import Response

__all__ = ["Request", "Response"]
