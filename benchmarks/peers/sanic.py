"""Sanic under ASGI: functions that take the request."""

# mypy: ignore-errors
from __future__ import annotations

import itertools

from sanic import Sanic
from sanic.log import logger
from sanic.response import json, text

from ..cases import Case
from ..models import Order

_TRUTH = {"true": True, "false": False}
_numbers = itertools.count()


async def _paging(request):
    return {"limit": int(request.args.get("limit", 20)), "offset": int(request.args.get("offset", 0))}


async def _listing(request):
    return {"owner": request.args["owner"][0], **await _paging(request)}


def make(case: Case):
    """Make the app with the routes of all cases."""
    logger.disabled = True
    app = Sanic(f"bench{next(_numbers)}", configure_logging=False)
    app.config.ACCESS_LOG = False

    @app.get("/text")
    async def plain(request):
        return text("Hello, world")

    @app.get("/json")
    async def structured(request):
        return json({"message": "Hello, world"})

    @app.get("/items/<item_id:int>")
    async def item(request, item_id):
        return json({"item_id": item_id})

    @app.get("/search")
    async def search(request):
        args = request.args
        exact = _TRUTH[args.get("exact", "false")]
        return json({"q": args["q"][0], "limit": int(args.get("limit", 20)), "exact": exact})

    @app.post("/orders")
    async def order(request):
        order = Order.model_validate_json(request.body)
        return json({"customer": order.customer, "total": order.total})

    @app.get("/things")
    async def things(request):
        return json(await _listing(request))

    async def thing(request, thing_id):
        return json({"thing_id": thing_id})

    for number in range(case.routes):
        app.add_route(thing, f"/group{number}/things/<thing_id:int>", name=f"thing{number}")
    return app
