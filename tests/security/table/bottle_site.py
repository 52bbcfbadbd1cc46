"""The endpoints of the table in Bottle's way."""

from __future__ import annotations

from typing import Any

import fenrir_bottle as bottle

from .sites import KEY, PUBLIC, fail, number, shown, surrogate


def bottle_site() -> Any:
    """Return a Bottle app."""
    app = bottle.Bottle()
    request: Any = bottle.request

    @app.get("/query")
    def query() -> Any:
        return {"a": request.query.getunicode("a")}

    @app.get("/path/<value>")
    def path(value: str) -> Any:
        return {"a": value}

    @app.post("/form")
    def form() -> Any:
        fields = {name: request.forms.getunicode(name) for name in request.forms}
        return {"fields": fields, "files": {name: file.filename for name, file in request.files.items()}}

    @app.post("/json")
    def json() -> Any:
        return {"got": request.json}

    @app.get("/cookies")
    def cookies() -> Any:
        return {**request.cookies, "signed": request.get_cookie("n", secret=KEY)}

    @app.get("/session")
    def session() -> Any:
        return {"n": request.get_cookie("session", secret=KEY)}

    @app.get("/facts")
    def facts() -> Any:
        names = (
            "auth remote_route remote_addr content_type content_length chunked query params urlparts url fullpath"
            " is_ajax is_xhr script_name method path query_string"
        )
        return {**shown(request, names), "headers": str(dict(request.headers))}

    @app.get("/out/<way>")
    def out(way: str) -> Any:
        v, response = request.query.getunicode("v") or "", bottle.response
        if way == "header":
            response.set_header("X-Out", v)
        elif way == "add":
            response.add_header("X-Out", v)
        elif way == "cookie":
            response.set_cookie("c", v)
        elif way == "signed":
            response.set_cookie("c", v, secret=KEY)
        elif way == "redirect":
            bottle.redirect("/there/" + v)
        elif way == "type":
            response.content_type = "text/" + v
        elif way == "download":
            return bottle.static_file("a.txt", root=str(PUBLIC), download=v or True)
        elif way == "text":
            return surrogate(v)
        elif way == "json":
            return {"text": surrogate(v)}
        elif way == "number":
            return {"number": number(v)}
        return "body"

    @app.get("/files/<name:path>")
    @app.get("/static/<name:path>")
    def files(name: str) -> Any:
        return bottle.static_file(name, root=str(PUBLIC))

    @app.get("/file")
    def file() -> Any:
        return bottle.static_file("a.txt", root=str(PUBLIC))

    @app.get("/boom/<rest:path>")
    def boom(rest: str) -> Any:
        fail()

    return app
