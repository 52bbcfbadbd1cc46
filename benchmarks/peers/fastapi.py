"""FastAPI: typed parameters, `Depends`; answers as it makes them by default."""

# mypy: ignore-errors
from __future__ import annotations

from typing import Any, Dict

from fastapi import Depends, FastAPI
from fastapi.responses import PlainTextResponse

from ..cases import Case
from ..models import Order


async def _paging(limit: int = 20, offset: int = 0) -> Dict[str, int]:
    return {"limit": limit, "offset": offset}


async def _listing(owner: str, page: Dict[str, int] = Depends(_paging)) -> Dict[str, Any]:
    return {"owner": owner, **page}


async def _thing(thing_id: int):
    return {"thing_id": thing_id}


def make(case: Case):
    """Make the app with the routes of all cases."""
    app = FastAPI()

    @app.get("/text", response_class=PlainTextResponse)
    async def text():
        return "Hello, world"

    @app.get("/json")
    async def json():
        return {"message": "Hello, world"}

    @app.get("/items/{item_id}")
    async def item(item_id: int):
        return {"item_id": item_id}

    @app.get("/search")
    async def search(q: str, limit: int = 20, exact: bool = False):
        return {"q": q, "limit": limit, "exact": exact}

    @app.post("/orders")
    async def order(order: Order):
        return {"customer": order.customer, "total": order.total}

    @app.get("/things")
    async def things(found: Dict[str, Any] = Depends(_listing)):
        return found

    for number in range(case.routes):
        app.get(f"/group{number}/things/{{thing_id}}")(_thing)
    return app
