"""Flask under WSGI: called as a WSGI server calls it, without any ASGI."""

# mypy: ignore-errors
from __future__ import annotations

from flask import Flask, request

from ..cases import Case
from ._flask_like import add_routes, summary

WSGI = True


def make(case: Case):
    """Make the app with the routes of all cases."""
    app = Flask("bench")
    add_routes(app, request, case, lambda view: view)
    app.add_url_rule("/orders", "orders", lambda: summary(request.get_data()), methods=["POST"])
    return app
