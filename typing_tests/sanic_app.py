"""An app in Sanic's style."""

from __future__ import annotations

from typing import Any

from fenrir_sanic import Blueprint, HTTPResponse, NotFound, Request, Sanic
from fenrir_sanic.response import json, text

app = Sanic("shop")
items = Blueprint("items", url_prefix="/items", version=1)


@app.before_server_start
async def start(app: Any, loop: Any) -> None:
    app.ctx.db = {}


@app.on_request
async def guard(request: Request) -> None:
    request.ctx.user = "ann"


@app.get("/")
async def home(request: Request) -> HTTPResponse:
    return text(f"hello {request.args.get('name', 'you')}")


@items.post("/<number:int>", stream=False, name="create")
async def create(request: Request, number: int) -> HTTPResponse:
    if number > 10:
        raise NotFound("no such item")
    return json({"number": number, "body": request.json}, status=201)


@app.exception(NotFound)
async def missing(request: Request, error: Exception) -> HTTPResponse:
    return text(str(error), status=404)


async def work() -> None:
    await app.cancel_task("work")


app.blueprint(items)
app.add_task(work(), name="work")
