"""The endpoints of the table in the hybrid app, and what those of the pure classes share.

Each application class has the same endpoints, written as its framework writes them.

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

import fenrir_flask as flask
from fenrir import send_from_directory
from fenrir_core import (
    EventSourceResponse,
    Fenrir,
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Request,
    Response,
    ServerSentEvent,
)

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
