"""fenrir-framework, the existing framework of the registry, in another environment, since both import as `fenrir`."""

# mypy: ignore-errors
# Annotations are read at run time, which works with names of this module only.
from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Callable, Dict

from fenrir import (
    Depends,
    Fenrir,
    PlainTextResponse,
    StreamingResponse,
    WebSocket,
    WebSocketDisconnect,
    g,
    render_template,
    request,
)

from .. import paradigms, websockets, work
from ..cases import Case, NoApp
from ..models import Order


async def _thing(thing_id: int):
    return work.thing(thing_id)


def _core(case: Case) -> Any:
    app = Fenrir()

    async def paging(limit: int = 20, offset: int = 0) -> Dict[str, int]:
        return {"limit": limit, "offset": offset}

    async def listing(owner: str, page: Dict[str, int] = Depends(paging)) -> Dict[str, Any]:
        return {"owner": owner, **page}

    @app.get("/constant")
    async def constant():
        return PlainTextResponse("Hello, world")

    @app.get("/text")
    async def text():
        return PlainTextResponse(work.greeting())

    @app.get("/json")
    async def json():
        return {"message": work.greeting()}

    @app.get("/items/<item_id:int>")
    async def item(item_id: int):
        return work.item(item_id)

    @app.get("/search")
    async def search(q: str, limit: int = 20, exact: bool = False):
        return {"q": q, "limit": limit, "exact": exact}

    async def order(order):
        return {"customer": order.customer, "total": order.total}

    order.__annotations__["order"] = Order  # it takes the postponed annotation, a str, for a query parameter
    app.post("/orders")(order)

    @app.get("/things")
    async def things(found: Dict[str, Any] = Depends(listing)):
        return found

    for number in range(case.routes):
        app.get(f"/group{number}/things/<thing_id:int>")(_thing)
    return app


def _flask() -> Any:
    app = Fenrir(template_folder=paradigms.TEMPLATES)

    @app.before_request
    async def load():
        g.user = "fenris"

    @app.get("/flask")
    async def view():
        return {"q": request.args["q"], "user": g.user}

    @app.get("/page")
    async def page():
        return render_template("page.html", lines=paradigms.LINES)

    return app


class _Thing:
    async def on_get(self, req, resp, thing_id):
        resp.media = {"thing": thing_id, "limit": int(req.args["limit"])}


class _Things:
    async def on_post(self, req, resp):
        order = req.json
        resp.media = {"customer": order["customer"], "lines": len(order["lines"])}


def _falcon() -> Any:
    app = Fenrir()
    app.add_route("/thing/<thing_id>", _Thing())
    app.add_route("/thing", _Things())
    return app


def _sanic() -> Any:
    app = Fenrir()

    @app.middleware("request")
    async def identify(request):
        g.user = "fenris"  # its requests have no `ctx`

    @app.middleware("response")
    async def mark(request, response):
        response.headers["x-marked"] = "yes"

    @app.get("/sanic")
    async def view():
        return {"user": g.user}

    return app


def _wsgi() -> Any:
    app = Fenrir()
    app.mount_wsgi("/legacy", paradigms.plain_wsgi)
    return app


def _stream() -> Any:
    app = Fenrir()

    @app.get("/stream")
    async def stream():
        return StreamingResponse(paradigms.chunks(), media_type="text/plain")

    return app


def _websocket() -> Any:
    names = SimpleNamespace(FastAPI=Fenrir, WebSocket=WebSocket, WebSocketDisconnect=WebSocketDisconnect)
    return websockets.of_fastapi(names)


#: By the paradigms' cases; Flask's and Bottle's WSGI apps are not installed beside it.
_OWN_WORK: Dict[str, Callable[[], Any]] = {
    "flask": _flask,
    "flask template": _flask,
    "falcon get": _falcon,
    "falcon post": _falcon,
    "sanic": _sanic,
    "wsgi": _wsgi,
    "stream": _stream,
    "websocket": _websocket,
}


def make(case: Case) -> Any:
    """Return the app of a case.

    Raises:
        NoApp: There is none for this case.
    """
    if case not in paradigms.CASES:
        return _core(case)
    if case.name not in _OWN_WORK:
        raise NoApp(case.name)
    return _OWN_WORK[case.name]()
