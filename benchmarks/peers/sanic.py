"""Sanic under ASGI: functions that take the request."""

# mypy: ignore-errors
from __future__ import annotations

import itertools
import logging

from sanic import Sanic
from sanic.response import json, text
from sanic.touchup.service import TouchUp

from ..cases import Case
from ..models import Order

_TRUTH = {"true": True, "false": False}
_numbers = itertools.count()
# COMPAT: Sanic 25: at start-up it rewrites methods of its own classes for the one app of a process, and fails on what
# it rewrote before; so each app here finds them as they were.
_METHODS = {(kind, name): getattr(kind, name) for kind, name in TouchUp._registry}


async def _paging(request):
    return {"limit": int(request.args.get("limit", 20)), "offset": int(request.args.get("offset", 0))}


async def _listing(request):
    return {"owner": request.args["owner"][0], **await _paging(request)}


def new_app() -> Sanic:
    """Make an app that starts though another one did before."""
    for (kind, name), method in _METHODS.items():
        setattr(kind, name, method)
    logging.getLogger("sanic.root").disabled = True
    app = Sanic(f"bench{next(_numbers)}", configure_logging=False)
    app.config.ACCESS_LOG = False
    return app


def make(case: Case):
    """Make the app with the routes of all cases."""
    app = new_app()

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
