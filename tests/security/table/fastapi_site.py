"""The endpoints of the table in FastAPI's way, and in the hybrid app by FastAPI's parameters."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any, List, Optional

from pydantic import BaseModel

from fenrir_fastapi import Body, Cookie, Depends, FastAPI, File, Form, Header, Query, Request, Response, UploadFile
from fenrir_fastapi.middleware.sessions import SessionMiddleware
from fenrir_fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse
from fenrir_fastapi.security import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPBasic,
    HTTPBearer,
    HTTPDigest,
    OAuth2PasswordBearer,
)
from fenrir_fastapi.sse import EventSourceResponse, ServerSentEvent
from fenrir_fastapi.staticfiles import StaticFiles

from .sites import KEY, PUBLIC, fail, fields_and_files, number, shown, surrogate

SCHEMES = {
    "basic": HTTPBasic(), "bearer": HTTPBearer(), "digest": HTTPDigest(), "oauth2": OAuth2PasswordBearer("token"),
    "header": APIKeyHeader(name="x-key"), "query": APIKeyQuery(name="key"), "cookie": APIKeyCookie(name="key"),
}  # fmt: skip


class Item(BaseModel):
    """A body with every kind of value."""

    text: str = ""
    whole: int = 0
    real: float = 0.0
    exact: decimal.Decimal = decimal.Decimal(0)
    day: Optional[datetime.datetime] = None
    key: Optional[uuid.UUID] = None
    raw: bytes = b""
    many: List[int] = []


def parameters(app: Any) -> None:
    """Add endpoints with typed parameters."""

    @app.post("/model")
    async def model(item: Item) -> Item:
        return item

    @app.post("/embedded")
    async def embedded(a: int = Body(), b: str = Body()) -> Any:
        return {"a": a, "b": b}

    @app.post("/typed-form")
    async def typed_form(a: int = Form(), b: str = Form(""), f: Optional[UploadFile] = File(None)) -> Any:
        return {"a": a, "b": b, "f": f and f.filename}

    @app.get("/typed")
    async def typed(
        whole: int = 0,
        real: float = 0,
        exact: decimal.Decimal = decimal.Decimal(0),
        day: Optional[datetime.datetime] = None,
        span: Optional[datetime.timedelta] = None,
        key: Optional[uuid.UUID] = None,
        flag: bool = False,
        many: List[int] = Query([]),
        raw: bytes = b"",
        x_int: int = Header(0),
        c_int: int = Cookie(0),
    ) -> Any:
        return [whole, real, exact, day, span, key, flag, many, raw, x_int, c_int]

    for name, scheme in SCHEMES.items():
        app.get(f"/auth/{name}")(authorized(scheme))

    app.get("/int/{value:int}")(at_int)
    app.get("/float/{value:float}")(at_float)
    app.get("/uuid/{value:uuid}")(at_uuid)


async def at_int(value: int) -> Any:
    return {"a": str(value)}


async def at_float(value: float) -> Any:
    return {"a": str(value)}


async def at_uuid(value: uuid.UUID) -> Any:
    return {"a": value}


def authorized(scheme: Any) -> Any:
    async def endpoint(credentials: Any = Depends(scheme)) -> Any:
        return {"credentials": str(credentials)}

    return endpoint


def fastapi_site() -> Any:
    """Return a FastAPI app."""
    app = FastAPI()
    app.add_middleware(SessionMiddleware, secret_key=KEY)
    app.mount("/static", StaticFiles(directory=PUBLIC))
    app.mount("/files", StaticFiles(directory=PUBLIC, html=True, follow_symlink=False))
    parameters(app)

    @app.get("/query")
    async def query(a: Optional[str] = None) -> Any:
        return {"a": a}

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

    @app.get("/session")
    async def session(request: Request) -> Any:
        return {"n": request.session.get("n")}

    @app.get("/facts")
    async def facts(request: Request) -> Any:
        return shown(request, "url base_url headers query_params path_params cookies client method")

    @app.get("/out/{way}")
    async def out(way: str, v: str = "") -> Any:
        response: Any = PlainTextResponse("body")
        if way == "header":
            response.headers["x-out"] = v
        elif way == "cookie":
            response.set_cookie("c", v)
        elif way == "redirect":
            return RedirectResponse("/there/" + v)
        elif way == "type":
            return Response("body", media_type="text/" + v)
        elif way == "download":
            return FileResponse(PUBLIC / "a.txt", filename=v or None)
        elif way == "text":
            return PlainTextResponse(surrogate(v))
        elif way == "json":
            return JSONResponse({"text": surrogate(v)})
        elif way == "number":
            return {"number": number(v)}
        elif way == "append":
            response.headers.append("x-out", v)
        return response

    @app.get("/events", response_class=EventSourceResponse)
    async def stream(v: str = "") -> Any:
        yield ServerSentEvent(data=v, comment=v)
        yield ServerSentEvent(raw_data=v)

    @app.get("/file")
    async def file() -> Any:
        return FileResponse(PUBLIC / "a.txt")

    @app.get("/boom/{rest:path}")
    async def boom(rest: str) -> Any:
        fail()

    return app
