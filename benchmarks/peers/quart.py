"""Quart: Flask's API on ASGI, with views that are coroutine functions."""

# mypy: ignore-errors
from __future__ import annotations

from quart import Quart, request

from ..cases import Case
from ._flask_like import add_routes, summary


def _async(answer):
    async def view(**values):
        return answer(**values)

    return view


async def _orders():
    return summary(await request.get_data())


def make(case: Case):
    """Make the app with the routes of all cases."""
    app = Quart("bench")
    add_routes(app, request, case, _async)
    app.add_url_rule("/orders", "orders", _orders, methods=["POST"])
    return app
