"""Muffin: functions that take the request."""

# mypy: ignore-errors
from __future__ import annotations

import muffin

from .. import work
from ..cases import Case
from ..models import Order

_TRUTH = {"true": True, "false": False}


async def _paging(request):
    query = request.url.query
    return {"limit": int(query.get("limit", 20)), "offset": int(query.get("offset", 0))}


async def _listing(request):
    return {"owner": request.url.query["owner"], **await _paging(request)}


def make(case: Case):
    """Return the app with the routes of all cases."""
    app = muffin.Application()

    @app.route("/constant")
    async def constant(request):
        return "Hello, world"

    @app.route("/text")
    async def text(request):
        return work.greeting()

    @app.route("/json")
    async def json(request):
        return {"message": work.greeting()}

    @app.route("/items/{item_id:int}")
    async def item(request):
        return work.item(request.path_params["item_id"])

    @app.route("/search")
    async def search(request):
        query = request.url.query
        return {"q": query["q"], "limit": int(query.get("limit", 20)), "exact": _TRUTH[query.get("exact", "false")]}

    @app.route("/orders", methods=["POST"])
    async def order(request):
        order = Order.model_validate_json(await request.body())
        return {"customer": order.customer, "total": order.total}

    @app.route("/things")
    async def things(request):
        return await _listing(request)

    async def thing(request):
        return work.thing(request.path_params["thing_id"])

    for number in range(case.routes):
        app.route(f"/group{number}/things/{{thing_id:int}}")(thing)
    return app
