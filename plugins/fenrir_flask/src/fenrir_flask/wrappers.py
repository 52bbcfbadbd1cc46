"""Flask's public module `flask.wrappers`: re-exports `Request` and `Response`."""

from __future__ import annotations

from . import json
from .request import Request
from .response import Response

# what `response.get_json()` parses with; not said there, because `json` makes responses
Response.json_module = json  # type: ignore[assignment]

__all__ = ["Request", "Response"]
