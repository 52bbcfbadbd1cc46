"""The apps of the frameworks that Fenrir has a paradigm of, written once.

Each builder receives the names that an app imports: from the framework, or from Fenrir's paradigm. So
the same app is compared, with another import.
"""

# mypy: ignore-errors
# Annotations are read at run time, which works with names of this module only.
from __future__ import annotations

from typing import Any, Callable, Dict

from . import work
from .cases import Case
from .models import Order

_TRUTH = {"true": True, "false": False}
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


async def _thing(thing_id: int):
    return work.thing(thing_id)


def fastapi_app(case: Case, FastAPI: Any, Depends: Any, PlainTextResponse: Any) -> Any:
    """Return FastAPI's app: typed parameters, `Depends`, its default responses."""
    app = FastAPI()

    async def paging(limit: int = 20, offset: int = 0) -> Dict[str, int]:
        return {"limit": limit, "offset": offset}

    async def listing(owner: str, page: Dict[str, int] = Depends(paging)) -> Dict[str, Any]:
        return {"owner": owner, **page}

    @app.get("/constant", response_class=PlainTextResponse)
    async def constant():
        return "Hello, world"

    @app.get("/text", response_class=PlainTextResponse)
    async def text():
        return work.greeting()

    @app.get("/json")
    async def json():
        return {"message": work.greeting()}

    @app.get("/items/{item_id}")
    async def item(item_id: int):
        return work.item(item_id)

    @app.get("/search")
    async def search(q: str, limit: int = 20, exact: bool = False):
        return {"q": q, "limit": limit, "exact": exact}

    @app.post("/orders")
    async def order(order: Order):
        return {"customer": order.customer, "total": order.total}

    @app.get("/things")
    async def things(found: Dict[str, Any] = Depends(listing)):
        return found

    for number in range(case.routes):
        app.get(f"/group{number}/things/{{thing_id}}")(_thing)
    return app


class _Constant:
    async def on_get(self, req, resp):
        resp.content_type = "text/plain; charset=utf-8"
        resp.text = "Hello, world"


class _Text:
    async def on_get(self, req, resp):
        resp.content_type = "text/plain; charset=utf-8"
        resp.text = work.greeting()


class _Json:
    async def on_get(self, req, resp):
        resp.media = {"message": work.greeting()}


class _Item:
    async def on_get(self, req, resp, item_id):
        resp.media = work.item(item_id)


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


async def _falcon_paging(req):
    return {
        "limit": req.get_param_as_int("limit", default=20),
        "offset": req.get_param_as_int("offset", default=0),
    }


async def _falcon_listing(req):
    return {"owner": req.get_param("owner", required=True), **await _falcon_paging(req)}


class _Things:
    async def on_get(self, req, resp):
        resp.media = await _falcon_listing(req)


class _Thing:
    async def on_get(self, req, resp, thing_id):
        resp.media = work.thing(thing_id)


def falcon_app(case: Case, App: Any) -> Any:
    """Return Falcon's app: resources, `resp.media` through its default JSON handler."""
    app = App()
    app.add_route("/constant", _Constant())
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


async def _sanic_paging(request):
    return {"limit": int(request.args.get("limit", 20)), "offset": int(request.args.get("offset", 0))}


async def _sanic_listing(request):
    return {"owner": request.args["owner"][0], **await _sanic_paging(request)}


def sanic_app(case: Case, app: Any, json: Any, text: Any) -> Any:
    """Return Sanic's app: functions that take the request.

    Args:
        app: An app without routes.
        json, text: The functions that make responses.
    """

    @app.get("/constant")
    async def constant(request):
        return text("Hello, world")

    @app.get("/text")
    async def plain(request):
        return text(work.greeting())

    @app.get("/json")
    async def structured(request):
        return json({"message": work.greeting()})

    @app.get("/items/<item_id:int>")
    async def item(request, item_id):
        return json(work.item(item_id))

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
        return json(await _sanic_listing(request))

    async def thing(request, thing_id):
        return json(work.thing(thing_id))

    for number in range(case.routes):
        app.add_route(thing, f"/group{number}/things/<thing_id:int>", name=f"thing{number}")
    return app


def asynchronous(answer: Callable[..., Any]) -> Callable[..., Any]:
    """Return a coroutine function made of a synchronous view."""

    async def view(**values):
        return answer(**values)

    return view


def _truth(text: str) -> bool:
    return _TRUTH[text]


def summary(raw: bytes) -> Dict[str, Any]:
    """Validate an order and return the response's content."""
    order = Order.model_validate_json(raw)
    return {"customer": order.customer, "total": order.total}


def flask_app(case: Case, app: Any, request: Any, orders: Any, view_of: Callable[[Any], Any]) -> Any:
    """Return Flask's or Quart's app: views that read the request of the context.

    Args:
        app: An app without routes.
        request: The request of the context.
        orders: The view that takes an order: the two differ in how they read its body.
        view_of: Makes a view of a function, synchronous or asynchronous.
    """

    def page():
        return {
            "limit": request.args.get("limit", 20, type=int),
            "offset": request.args.get("offset", 0, type=int),
        }

    for rule, answer in (
        ("/constant", lambda: ("Hello, world", 200, _PLAIN)),
        ("/text", lambda: (work.greeting(), 200, _PLAIN)),
        ("/json", lambda: {"message": work.greeting()}),
        ("/items/<int:item_id>", lambda item_id: work.item(item_id)),
        (
            "/search",
            lambda: {
                "q": request.args["q"],
                "limit": request.args.get("limit", 20, type=int),
                "exact": request.args.get("exact", False, type=_truth),
            },
        ),
        ("/things", lambda: {"owner": request.args["owner"], **page()}),
    ):
        app.add_url_rule(rule, rule, view_of(answer))
    app.add_url_rule("/orders", "orders", orders, methods=["POST"])
    for number in range(case.routes):
        rule = f"/group{number}/things/<int:thing_id>"
        app.add_url_rule(rule, f"thing{number}", view_of(lambda thing_id: work.thing(thing_id)))
    return app
