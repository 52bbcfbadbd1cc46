"""Starlette: functions that take the request; dependencies are called by hand."""

# mypy: ignore-errors
from __future__ import annotations

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from .. import work
from ..cases import Case
from ..models import Order

_TRUTH = {"true": True, "false": False}


async def _constant(request):
    return PlainTextResponse("Hello, world")


async def _text(request):
    return PlainTextResponse(work.greeting())


async def _json(request):
    return JSONResponse({"message": work.greeting()})


async def _item(request):
    return JSONResponse(work.item(request.path_params["item_id"]))


async def _search(request):
    query = request.query_params
    exact = _TRUTH[query.get("exact", "false")]
    return JSONResponse({"q": query["q"], "limit": int(query.get("limit", 20)), "exact": exact})


async def _order(request):
    order = Order.model_validate_json(await request.body())
    return JSONResponse({"customer": order.customer, "total": order.total})


async def _paging(request):
    query = request.query_params
    return {"limit": int(query.get("limit", 20)), "offset": int(query.get("offset", 0))}


async def _listing(request):
    return {"owner": request.query_params["owner"], **await _paging(request)}


async def _things(request):
    return JSONResponse(await _listing(request))


async def _thing(request):
    return JSONResponse(work.thing(request.path_params["thing_id"]))


def make(case: Case):
    """Return the app with the routes of all cases."""
    return Starlette(
        routes=[
            Route("/constant", _constant),
            Route("/text", _text),
            Route("/json", _json),
            Route("/items/{item_id:int}", _item),
            Route("/search", _search),
            Route("/orders", _order, methods=["POST"]),
            Route("/things", _things),
            *(Route(f"/group{number}/things/{{thing_id:int}}", _thing) for number in range(case.routes)),
        ]
    )
