"""BlackSheep: bound parameters and its container for dependencies."""

# mypy: ignore-errors
from __future__ import annotations

from typing import Any, Dict

from blacksheep import Application, Request, Response, Router
from blacksheep.server.responses import json as json_response
from blacksheep.server.responses import text as text_response

from .. import work
from ..cases import Case
from ..models import Order


async def _paging(request: Request) -> Dict[str, int]:
    query = request.query
    return {"limit": int(query["limit"][0]), "offset": int(query["offset"][0])}


async def _listing(request: Request) -> Dict[str, Any]:
    return {"owner": request.query["owner"][0], **await _paging(request)}


async def _thing(thing_id: int) -> Response:
    return json_response(work.thing(thing_id))


def make(case: Case):
    """Return the app with the routes of all cases."""
    app = Application(router=Router())
    get, post = app.router.get, app.router.post

    @get("/constant")
    async def constant():
        return text_response("Hello, world")

    @get("/text")
    async def text():
        return text_response(work.greeting())

    @get("/json")
    async def json():
        return json_response({"message": work.greeting()})

    @get("/items/{int:item_id}")
    async def item(item_id: int):
        return json_response(work.item(item_id))

    @get("/search")
    async def search(q: str, limit: int = 20, exact: bool = False):
        return json_response({"q": q, "limit": limit, "exact": exact})

    @post("/orders")
    async def order(request: Request):
        order = Order.model_validate_json(await request.read())
        return json_response({"customer": order.customer, "total": order.total})

    @get("/things")
    async def things(request: Request):
        return json_response(await _listing(request))

    for number in range(case.routes):
        app.router.add_get(f"/group{number}/things/{{int:thing_id}}", _thing)
    return app
