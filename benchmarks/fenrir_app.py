"""Fenrir's contestant: the hybrid app with all paradigms, in the idiom of the documentation."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any, Callable, Dict

from fenrir import Fenrir

from . import work
from .cases import Case


def _kernel(app: Any) -> None:
    @app.get("/constant")
    async def constant() -> str:
        return "Hello, world"

    @app.get("/text")
    async def text() -> str:
        return work.greeting()

    @app.get("/json")
    async def json() -> Dict[str, Any]:
        return {"message": work.greeting()}

    @app.get("/items/{item_id:int}")
    async def item(item_id: int) -> Dict[str, Any]:
        return work.item(item_id)


def _query(app: Any) -> None:
    @app.get("/search")
    async def search(q: str, limit: int = 20, exact: bool = False) -> Dict[str, Any]:
        return {"q": q, "limit": limit, "exact": exact}


def _body(app: Any) -> None:
    from .models import Order

    @app.post("/orders")
    async def order(order: Order) -> Dict[str, Any]:
        return {"customer": order.customer, "total": order.total}


def _depends(app: Any) -> None:
    from fenrir import Depends

    async def paging(limit: int = 20, offset: int = 0) -> Dict[str, int]:
        return {"limit": limit, "offset": offset}

    async def listing(owner: str, page: Dict[str, int] = Depends(paging)) -> Dict[str, Any]:
        return {"owner": owner, **page}

    @app.get("/things")
    async def things(found: Dict[str, Any] = Depends(listing)) -> Dict[str, Any]:
        return found


#: What has to be registered, by case; the other cases need only the kernel.
_PARTS: Dict[str, Callable[[Any], None]] = {"query": _query, "body": _body, "depends": _depends}


def make(case: Case) -> Any:
    """Return the app with the routes of all cases; without the FastAPI paradigm, with those that work."""
    app = Fenrir()
    _kernel(app)
    if "fastapi" in app.plugins.order:
        for register in _PARTS.values():
            register(app)
    elif case.name in _PARTS:
        raise ImportError("needs fenrir-fastapi")
    for number in range(case.routes):
        app.get(f"/group{number}/things/{{thing_id:int}}", name=f"thing{number}")(_thing)
    return app


async def _thing(thing_id: int) -> Dict[str, Any]:
    return work.thing(thing_id)
