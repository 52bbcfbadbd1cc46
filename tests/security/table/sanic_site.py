"""The endpoints of the table in Sanic's way."""

from __future__ import annotations

import os
from typing import Any

import fenrir_sanic as sanic
from fenrir_core import NotFound, safe_join

from .sites import PUBLIC, fail, number, shown, surrogate


def sanic_site() -> Any:
    """Return a Sanic app."""
    app = sanic.Sanic("hostile")
    app.config.PROXIES_COUNT = 1
    app.config.FORWARDED_SECRET = "s"
    app.static("/static", str(PUBLIC), name="static", use_content_range=True)

    @app.get("/query")
    async def query(request: Any) -> Any:
        return sanic.json({"a": request.args.get("a")})

    @app.get("/path/<value>")
    async def path(request: Any, value: str) -> Any:
        return sanic.json({"a": value})

    @app.post("/form")
    async def form(request: Any) -> Any:
        fields = {name: values[0] for name, values in request.form.items()}
        return sanic.json({"fields": fields, "files": {name: files[0].name for name, files in request.files.items()}})

    @app.post("/json")
    async def json(request: Any) -> Any:
        return sanic.json({"got": request.json})

    @app.get("/cookies")
    async def cookies(request: Any) -> Any:
        return sanic.json({name: request.cookies.get(name) for name in request.cookies})

    @app.get("/facts")
    async def facts(request: Any) -> Any:
        names = (
            "token credentials accept forwarded remote_addr content_type cookies host url server_name server_port"
            " scheme ip client_ip id args query_args headers path method server_path is_safe is_idempotent is_cacheable"
        )
        return sanic.json({**shown(request, names), "match": str(request.accept.match("text/html", "a/b"))})

    @app.get("/out/<way>")
    async def out(request: Any, way: str) -> Any:
        v = request.args.get("v", "")
        response = sanic.text("body")
        if way == "header":
            response.headers["x-out"] = v
        elif way == "cookie":
            response.add_cookie("c", v)
        elif way == "redirect":
            return sanic.redirect("/there/" + v)
        elif way == "type":
            return sanic.text("body", content_type="text/" + v)
        elif way == "download":
            return await sanic.file(PUBLIC / "a.txt", filename=v or None)
        elif way == "stream":
            return await sanic.file_stream(PUBLIC / "a.txt", filename=v or None)
        elif way == "text":
            return sanic.text(surrogate(v))
        elif way == "json":
            return sanic.json({"text": surrogate(v)})
        elif way == "number":
            return sanic.json({"number": number(v)})
        return response

    @app.get("/files/<name:path>")
    async def files(request: Any, name: str) -> Any:
        return await sanic.file(await sanic_path(name))

    @app.get("/boom/<rest:path>")
    async def boom(request: Any, rest: str) -> Any:
        fail()

    return app


async def sanic_path(name: str) -> Any:
    """Return a path below the folder, by the kernel's safe join."""
    path = safe_join(PUBLIC, name)
    if path is None or not os.path.isfile(path):  # noqa: ASYNC240 - a test
        raise NotFound
    return path
