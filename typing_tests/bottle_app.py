"""An app in Bottle's style."""

from __future__ import annotations

from typing import Any, Dict

from fenrir_bottle import Bottle, HTTPError, abort, redirect, request, response, static_file

app = Bottle()


@app.route("/hello/<name>")
def hello(name: str) -> str:
    response.set_header("x-name", name)
    response.status = 201
    response.set_cookie("name", name)
    return f"hello {name} from {request.path}: {request.query.get('page')}"


@app.get("/items/<number:int>")
def item(number: int) -> Dict[str, Any]:
    if number > 10:
        abort(404, "no such item")
    if number < 0:
        redirect("/hello/you")
    agent: Any = request.headers.get("User-Agent")
    return {"number": number, "agent": agent, "method": request.method}


@app.post("/items")
def create() -> Any:
    return static_file(request.forms.get("file"), root="static")


@app.error(404)
def missing(error: HTTPError) -> str:
    return str(error)
