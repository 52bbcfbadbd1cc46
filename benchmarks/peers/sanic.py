"""Sanic under ASGI, which Fenrir has a paradigm of."""

# mypy: ignore-errors
from __future__ import annotations

import itertools
import logging

from sanic import Sanic
from sanic.response import json, text
from sanic.touchup.service import TouchUp

from ..cases import Case
from ..idioms import sanic_app

_numbers = itertools.count()
# COMPAT: Sanic 25: at start-up it rewrites methods of its own classes for the only app of a process, and fails on what
# it rewrote before; so they are restored for each app.
_METHODS = {(kind, name): getattr(kind, name) for kind, name in TouchUp._registry}


def new_app() -> Sanic:
    """Return an app that starts though another one did before."""
    for (kind, name), method in _METHODS.items():
        setattr(kind, name, method)
    logging.getLogger("sanic.root").disabled = True
    app = Sanic(f"bench{next(_numbers)}", configure_logging=False)
    app.config.ACCESS_LOG = False
    return app


def make(case: Case):
    """Return the app with the routes of all cases."""
    return sanic_app(case, new_app(), json, text)
