"""Flask's public module `flask.globals`: re-exports the context locals."""

from __future__ import annotations

from .proxies import current_app, g, request, session

__all__ = ["current_app", "g", "request", "session"]
