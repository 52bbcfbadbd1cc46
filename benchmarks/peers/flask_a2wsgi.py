"""Flask behind a2wsgi, as an ASGI server serves it."""

# mypy: ignore-errors
from __future__ import annotations

from a2wsgi import WSGIMiddleware

from ..cases import Case
from . import flask


def make(case: Case):
    """Return the app with the routes of all cases."""
    return WSGIMiddleware(flask.make(case))
