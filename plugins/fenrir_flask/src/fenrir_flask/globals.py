"""The context locals: `current_app`, `g`, `request`, `session`, `app_ctx`."""

from __future__ import annotations

from ._types import Values
from .ctx import has_request_context
from .proxies import app_ctx, current_app, g, request, request_ctx, session

__all__ = ["app_ctx", "current_app", "g", "request", "request_ctx", "session"]


def default_template_context() -> Values:
    """Return what each template has: `g`, and in a request `request` and `session`."""
    found: Values = {"g": g}
    if has_request_context():
        found["request"], found["session"] = request, session
    return found


default_template_context.is_default = True  # type: ignore[attr-defined]  # its names are globals of the environment
