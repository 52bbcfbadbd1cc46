"""Apps with the route /items/{item_id}, in each paradigm."""

from __future__ import annotations

from typing import Any

from fenrir import Fenrir
from fenrir_bottle import Bottle
from fenrir_falcon import App as Falcon
from fenrir_fastapi import FastAPI
from fenrir_flask import Flask
from fenrir_sanic import Sanic
from fenrir_sanic.response import text

PARADIGMS = ("bottle", "falcon", "fastapi", "fenrir", "flask", "sanic")


async def _item(item_id: int) -> Any:
    return {"item_id": item_id}


async def _sanic_item(request: Any, item_id: int) -> Any:
    return text(str(item_id))


def _bottle_item(item_id: int) -> Any:
    return {"item_id": item_id}


class _Item:
    async def on_get(self, req: Any, resp: Any, item_id: int) -> None:
        resp.media = item_id


async def _fail(*args: Any, **kwargs: Any) -> Any:
    raise LookupError("no rex")


async def _fail_without_parameters() -> Any:
    raise LookupError("no rex")


class _Failing:
    on_get = _fail


def written_in(paradigm: str, **settings: Any) -> Any:
    """Return the app of a paradigm, in which `/fail` raises a `LookupError`."""
    app: Any
    if paradigm == "falcon":
        app = Falcon(**settings)
        app.add_route("/items/{item_id:int}", _Item())
        app.add_route("/fail", _Failing())
    elif paradigm == "sanic":
        app = Sanic("traced", **settings)
        app.add_route(_sanic_item, "/items/<item_id:int>")
        app.add_route(_fail, "/fail")
    elif paradigm == "bottle":
        app = Bottle(**settings)
        app.route("/items/<item_id:int>", "GET", _bottle_item)
        app.route("/fail", "GET", _fail_without_parameters)
    elif paradigm == "flask":
        app = Flask(__name__, **settings)
        app.route("/items/<int:item_id>")(_item)
        app.route("/fail")(_fail_without_parameters)
    else:
        app = FastAPI(**settings) if paradigm == "fastapi" else Fenrir(**settings)
        app.get("/items/{item_id}")(_item)
        app.get("/fail")(_fail_without_parameters)
    return app
