"""Falcon's ASGI app: resources; `resp.media` through its default JSON handler."""

# mypy: ignore-errors
from __future__ import annotations

import falcon
import falcon.asgi

from ..cases import Case
from ..models import Order


class _Text:
    async def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = "Hello, world"


class _Json:
    async def on_get(self, req, resp):
        resp.media = {"message": "Hello, world"}


class _Item:
    async def on_get(self, req, resp, item_id):
        resp.media = {"item_id": item_id}


class _Search:
    async def on_get(self, req, resp):
        resp.media = {
            "q": req.get_param("q", required=True),
            "limit": req.get_param_as_int("limit", default=20),
            "exact": req.get_param_as_bool("exact", default=False),
        }


class _Order:
    async def on_post(self, req, resp):
        order = Order.model_validate_json(await req.stream.read())
        resp.media = {"customer": order.customer, "total": order.total}


async def _paging(req):
    return {
        "limit": req.get_param_as_int("limit", default=20),
        "offset": req.get_param_as_int("offset", default=0),
    }


async def _listing(req):
    return {"owner": req.get_param("owner", required=True), **await _paging(req)}


class _Things:
    async def on_get(self, req, resp):
        resp.media = await _listing(req)


class _Thing:
    async def on_get(self, req, resp, thing_id):
        resp.media = {"thing_id": thing_id}


def make(case: Case):
    """Make the app with the routes of all cases."""
    app = falcon.asgi.App()
    app.add_route("/text", _Text())
    app.add_route("/json", _Json())
    app.add_route("/items/{item_id:int}", _Item())
    app.add_route("/search", _Search())
    app.add_route("/orders", _Order())
    app.add_route("/things", _Things())
    thing = _Thing()
    for number in range(case.routes):
        app.add_route(f"/group{number}/things/{{thing_id:int}}", thing)
    return app
