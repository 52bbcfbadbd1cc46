"""Falcon's ASGI app, which Fenrir has a paradigm of."""

# mypy: ignore-errors
from __future__ import annotations

import falcon.asgi

from ..cases import Case
from ..idioms import falcon_app


def make(case: Case):
    """Return the app with the routes of all cases."""
    return falcon_app(case, falcon.asgi.App)
