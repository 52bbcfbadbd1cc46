"""The same endpoints in the hybrid app and in each pure class, written as each of the frameworks writes them.

`GET /query`, `/path/…`, `/cookies`, `/facts`: what a request says, as JSON. `POST /form`, `/json`: a body, as JSON.
`GET /out/WAY?v=…`: an answer that is built from `v`. `GET /files/…`, `/static/…`, `/file`: files.
`GET /boom/…`: a failure.
"""

from __future__ import annotations

import math
import os
import tempfile
from pathlib import Path
from typing import Any, Dict, Iterable

import fenrir_bottle as bottle
import fenrir_flask as flask
import fenrir_sanic as sanic
from fenrir import send_from_directory
from fenrir_core import (
    EventSourceResponse,
    Fenrir,
    FileResponse,
    JSONResponse,
    NotFound,
    PlainTextResponse,
    RedirectResponse,
    Request,
    Response,
    ServerSentEvent,
    safe_join,
)
from fenrir_falcon import HTTP_200, HTTPFound
from fenrir_falcon.asgi import App as Falcon
from fenrir_falcon.asgi import SSEvent

#: The folder that no request may see; a server is told which it is.
ROOT = Path(os.environ.get("HOSTILE_ROOT") or tempfile.mkdtemp(prefix="hostile-"))
SECRET = "hunter2-is-the-secret"
TEN = "0123456789"
KEY = "a key of the table's own"
TIME = 1_700_000_000  # Tue, 14 Nov 2023 22:13:20 GMT


def make_files() -> Path:
    """Make the folder that may be read, beside what must not be."""
    public = ROOT / "public"
    if not public.exists():
        (public / "sub").mkdir(parents=True)
        (ROOT / "public-not").mkdir()
        (public / "a.txt").write_text(TEN)
        (public / "sub" / "b.txt").write_text(TEN)
        os.utime(public / "a.txt", (TIME, TIME))
        for secret in (ROOT / "secret.txt", ROOT / "public-not" / "secret.txt"):
            secret.write_text(SECRET)
        os.symlink(ROOT / "secret.txt", public / "link.txt")
        os.symlink(public / "loop", public / "loop")
        os.mkfifo(public / "pipe")
    return public


PUBLIC = make_files()


def shown(owner: Any, names: str) -> Dict[str, str]:
    """Return attributes as text, by name."""
    return {name: str(getattr(owner, name)) for name in names.split()}


def fail() -> Any:
    raise RuntimeError(f"the password is {SECRET}")


def number(text: str) -> float:
    """Return a number that may be none, as a program computes it from what it was sent."""
    return {"nan": math.nan, "inf": math.inf}.get(text, 0.5)


def surrogate(text: str) -> str:
    """Return a text with a half of a pair, as `json.loads` and `os.fsdecode` give it."""
    return text + "\ud800"


def events(v: str) -> Dict[str, Any]:
    """Return the fields of an event that are made of `v`."""
    return {"data": v, "event": v, "id": v}


# ------------------------------------------------------------ the hybrid app and the kernel's names


def fields_and_files(form: Any) -> Dict[str, Any]:
    """Return a form as JSON can say it."""
    pairs = form.multi_items()
    return {
        "fields": {name: value for name, value in pairs if isinstance(value, str)},
        "files": {name: value.filename for name, value in pairs if not isinstance(value, str)},
    }


async def read_once(items: Iterable[Any]) -> Any:
    for item in items:
        yield item


def hybrid(app: Any) -> None:
    """Add the endpoints in the hybrid app's own way."""

    @app.get("/query")
    async def query(request: Request) -> Any:
        return {"a": request.query.get("a")}

    @app.get("/path/{value}")
    async def path(value: str) -> Any:
        return {"a": value}

    @app.post("/form")
    async def form(request: Request) -> Any:
        return fields_and_files(await request.form())

    @app.post("/json")
    async def json(request: Request) -> Any:
        return {"got": await request.json()}

    @app.get("/cookies")
    async def cookies(request: Request) -> Any:
        return request.cookies

    @app.get("/facts")
    async def facts(request: Request) -> Any:
        names = "host method path scheme client content_type root_path label"
        return {**shown(request, names), "headers": str(request.headers), "query": str(request.query)}

    @app.get("/out/{way}")
    async def out(request: Request) -> Any:
        way, v = request.path_params["way"], request.query.get("v", "")
        response: Response = PlainTextResponse("body")
        if way == "header":
            response.headers["x-out"] = v
        elif way == "cookie":
            response.set_cookie("c", v)
        elif way == "redirect":
            return RedirectResponse("/there/" + v)
        elif way == "type":
            return Response("body", media_type="text/" + v)
        elif way == "download":
            return FileResponse(PUBLIC / "a.txt", filename=v or None, as_attachment=True)
        elif way == "text":
            return PlainTextResponse(surrogate(v))
        elif way == "json":
            return JSONResponse({"text": surrogate(v)})
        elif way == "number":
            return {"number": number(v)}
        elif way == "event":
            return EventSourceResponse(read_once([ServerSentEvent(**events(v)), ServerSentEvent(comment=v)]))
        elif way == "tuple":
            return "body", 200, {"x-out": v}
        return response

    @app.get("/files/{name:path}")
    async def files(name: str) -> Any:
        return send_from_directory(PUBLIC, name)

    @app.get("/file")
    async def file() -> Any:
        return FileResponse(PUBLIC / "a.txt")

    @app.get("/boom/{rest:path}")
    async def boom() -> Any:
        fail()

    @app.get("/session")
    def session() -> Any:
        return {"n": flask.session.get("n")}


def bare() -> Any:
    """Return the hybrid app."""
    return Fenrir(secret_key=KEY)


# ------------------------------------------------------------ Flask


def flask_site() -> Any:
    """Return a Flask app."""
    app = flask.Flask("hostile", static_folder=str(PUBLIC), static_url_path="/static")
    app.secret_key = KEY
    request: Any = flask.request

    @app.get("/query")
    def query() -> Any:
        return {"a": request.args.get("a")}

    @app.get("/path/<value>")
    def path(value: str) -> Any:
        return {"a": value}

    @app.post("/form")
    def form() -> Any:
        files = {name: file.filename for name, file in request.files.items()}
        return {"fields": request.form.to_dict(), "files": files}

    @app.post("/json")
    def json() -> Any:
        return {"got": request.get_json()}

    @app.get("/cookies")
    def cookies() -> Any:
        return dict(request.cookies)

    @app.route("/facts", methods=["GET", "POST"])
    def facts() -> Any:
        names = (
            "authorization accept_mimetypes accept_languages accept_charsets accept_encodings range if_range if_match"
            " if_none_match if_modified_since if_unmodified_since date content_type mimetype mimetype_params is_json"
            " content_length content_encoding content_md5 host host_url url base_url root_url full_path cookies"
            " access_route remote_addr is_secure max_forwards origin referrer user_agent pragma cache_control"
            " access_control_request_headers access_control_request_method scheme server query_string args values"
        )
        best = request.accept_mimetypes.best_match(["text/html", "application/json"])
        language = request.accept_languages.best_match(["de", "en"])
        return {**shown(request, names), "best": best, "language": language, "json": request.get_json(silent=True)}

    @app.get("/out/<way>")
    def out(way: str) -> Any:
        v = request.args.get("v", "")
        response = flask.make_response("body")
        if way == "header":
            response.headers["X-Out"] = v
        elif way == "cookie":
            response.set_cookie("c", v)
        elif way == "redirect":
            return flask.redirect("/there/" + v)
        elif way == "type":
            response.content_type = "text/" + v
        elif way == "download":
            return flask.send_file(PUBLIC / "a.txt", download_name=v or None, as_attachment=True)
        elif way == "text":
            return surrogate(v)
        elif way == "json":
            return flask.jsonify(text=surrogate(v))
        elif way == "number":
            return {"number": number(v)}
        elif way == "tuple":
            return "body", 200, {"X-Out": v}
        elif way == "location":
            response.location = "/there/" + v
        return response

    @app.get("/files/<path:name>")
    def files(name: str) -> Any:
        return flask.send_from_directory(PUBLIC, name)

    @app.get("/file")
    def file() -> Any:
        return flask.send_file(PUBLIC / "a.txt")

    @app.get("/boom/<path:rest>")
    def boom(rest: str) -> Any:
        fail()

    @app.get("/session")
    def session() -> Any:
        return {"n": flask.session.get("n")}

    return app


# ------------------------------------------------------------ Falcon


class Get:
    """A resource that answers GET."""

    def __init__(self, function: Any) -> None:
        self.function = function

    async def on_get(self, req: Any, resp: Any, **values: Any) -> None:
        await self.function(req, resp, **values)


class Post:
    """A resource that answers POST."""

    def __init__(self, function: Any) -> None:
        self.function = function

    async def on_post(self, req: Any, resp: Any) -> None:
        await self.function(req, resp)


async def falcon_query(req: Any, resp: Any) -> None:
    resp.media = {"a": req.get_param("a")}


async def falcon_path(req: Any, resp: Any, value: str) -> None:
    resp.media = {"a": value}


async def falcon_form(req: Any, resp: Any) -> None:
    media = await req.get_media()
    if isinstance(media, dict):
        resp.media = {"fields": media, "files": {}}
        return
    fields, files = {}, {}
    async for part in media:
        if part.filename is None:
            fields[part.name] = await part.text
        else:
            files[part.name] = part.secure_filename if part.filename else ""
    resp.media = {"fields": fields, "files": files}


async def falcon_json(req: Any, resp: Any) -> None:
    resp.media = {"got": await req.get_media()}


async def falcon_cookies(req: Any, resp: Any) -> None:
    resp.media = {**req.cookies, **{f"{name}!": str(req.get_cookie_values(name)) for name in req.cookies}}


async def falcon_facts(req: Any, resp: Any) -> None:
    names = (
        "accept auth client_accepts_json client_accepts_xml client_accepts_msgpack content_length content_type date"
        " expect forwarded forwarded_host forwarded_scheme forwarded_uri forwarded_prefix host if_match if_none_match"
        " if_modified_since if_unmodified_since if_range netloc port prefix range range_unit referer remote_addr"
        " access_route subdomain uri url user_agent query_string relative_uri params headers headers_lower"
    )
    resp.media = {
        **shown(req, names),
        "prefers": req.client_prefers(["application/json", "text/html"]),
        "int": req.get_header_as_int("x-int"),
        "date": str(req.get_header_as_datetime("x-date")),
        "param": [str(getattr(req, f"get_param_as_{kind}")(kind)) for kind in FALCON_KINDS],
    }


FALCON_KINDS = "int float uuid bool list datetime date json".split()


async def falcon_out(req: Any, resp: Any, way: str) -> None:
    v = req.get_param("v", default="")
    resp.status = HTTP_200
    if way not in ("text", "json", "number", "event"):
        resp.text = "body"
    if way == "header":
        resp.set_header("X-Out", v)
    elif way == "cookie":
        resp.set_cookie("c", v)
    elif way == "redirect":
        raise HTTPFound("/there/" + v)
    elif way == "location":
        resp.location = "/there/" + v
    elif way == "link":
        resp.append_link("/there/" + v, "next", title=v, anchor="/" + v)
    elif way == "type":
        resp.content_type = "text/" + v
    elif way == "download":
        resp.downloadable_as = v
    elif way == "viewable":
        resp.viewable_as = v
    elif way == "etag":
        resp.etag = v
    elif way == "text":
        resp.text = surrogate(v)
    elif way == "json":
        resp.media = {"text": surrogate(v)}
    elif way == "number":
        resp.media = {"number": number(v)}
    elif way == "event":
        resp.sse = read_once([SSEvent(text=v, event=v, event_id=v, comment=v), SSEvent(data=v.encode())])
    elif way == "append":
        resp.append_header("X-Out", v)


async def falcon_boom(req: Any, resp: Any, rest: str) -> None:
    fail()


async def falcon_file(req: Any, resp: Any) -> None:
    raise HTTPFound("/static/a.txt")


def falcon_site() -> Any:
    """Return a Falcon app."""
    app = Falcon()
    for path, function in {
        "/query": falcon_query, "/path/{value}": falcon_path, "/cookies": falcon_cookies, "/facts": falcon_facts,
        "/out/{way}": falcon_out, "/boom/{rest:path}": falcon_boom,
    }.items():  # fmt: skip
        app.add_route(path, Get(function))
    app.add_route("/form", Post(falcon_form))
    app.add_route("/json", Post(falcon_json))
    app.add_static_route("/static", str(PUBLIC))
    app.add_static_route("/files", str(PUBLIC), downloadable=True, fallback_filename=None)
    return app


# ------------------------------------------------------------ Sanic


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


# ------------------------------------------------------------ Bottle


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
