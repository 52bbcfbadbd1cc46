"""Quart: Flask's API on ASGI, with views that are coroutine functions."""

# mypy: ignore-errors
from __future__ import annotations

from quart import Quart, request

from ..cases import Case
from ..idioms import asynchronous, flask_app, summary


async def _orders():
    return summary(await request.get_data())


def make(case: Case):
    """Return the app with the routes of all cases."""
    return flask_app(case, Quart("bench"), request, _orders, asynchronous)
