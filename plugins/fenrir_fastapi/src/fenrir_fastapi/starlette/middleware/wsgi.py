"""WSGI apps as ASGI apps (deprecated: use `a2wsgi.WSGIMiddleware` instead)."""

from __future__ import annotations

try:
    from a2wsgi import WSGIMiddleware
except ImportError as error:
    raise ImportError("Serving WSGI apps needs a2wsgi: install it with `pip install a2wsgi`.") from error

__all__ = ["WSGIMiddleware"]
