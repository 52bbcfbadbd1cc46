"""Litestar: typed parameters and `Provide`; without OpenAPI, which does not affect requests."""

# mypy: ignore-errors
# Litestar reads the annotations at run time, which works with names of this module only.
from __future__ import annotations

from typing import Any, Dict

from litestar import Litestar, MediaType, get, post
from litestar.di import Provide

from .. import work
from ..cases import Case
from ..models import Order


async def _paging(limit: int = 20, offset: int = 0) -> Dict[str, int]:
    return {"limit": limit, "offset": offset}


async def _listing(owner: str, page: Dict[str, int]) -> Dict[str, Any]:
    return {"owner": owner, **page}


@get("/constant", media_type=MediaType.TEXT)
async def _constant() -> str:
    return "Hello, world"


@get("/text", media_type=MediaType.TEXT)
async def _text() -> str:
    return work.greeting()


@get("/json")
async def _json() -> Dict[str, Any]:
    return {"message": work.greeting()}


@get("/items/{item_id:int}")
async def _item(item_id: int) -> Dict[str, Any]:
    return work.item(item_id)


@get("/search")
async def _search(q: str, limit: int = 20, exact: bool = False) -> Dict[str, Any]:
    return {"q": q, "limit": limit, "exact": exact}


@post("/orders", status_code=200)
async def _order(data: Order) -> Dict[str, Any]:
    return {"customer": data.customer, "total": data.total}


@get("/things", dependencies={"page": Provide(_paging), "found": Provide(_listing)})
async def _things(found: Dict[str, Any]) -> Dict[str, Any]:
    return found


async def _thing(thing_id: int) -> Dict[str, Any]:
    return work.thing(thing_id)


def make(case: Case):
    """Return the app with the routes of all cases."""
    many = [get(f"/group{number}/things/{{thing_id:int}}")(_thing) for number in range(case.routes)]
    return Litestar([_constant, _text, _json, _item, _search, _order, _things, *many], openapi_config=None)
