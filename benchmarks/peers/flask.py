"""Flask under WSGI: called as a WSGI server calls it, without any ASGI."""

# mypy: ignore-errors
from __future__ import annotations

from flask import Flask, request

from ..cases import Case
from ..idioms import flask_app, summary

WSGI = True


def make(case: Case):
    """Return the app with the routes of all cases."""
    return flask_app(case, Flask("bench"), request, lambda: summary(request.get_data()), lambda view: view)
