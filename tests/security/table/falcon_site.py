"""The endpoints of the table in Falcon's way."""

from __future__ import annotations

from typing import Any

from fenrir_falcon import HTTP_200, HTTPFound
from fenrir_falcon.asgi import App as Falcon
from fenrir_falcon.asgi import SSEvent

from .sites import PUBLIC, fail, number, read_once, shown, surrogate


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
