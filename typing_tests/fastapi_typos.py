"""Typos in an app in FastAPI's style: every marked line is an error, and no other."""

from __future__ import annotations

from fenrir_fastapi import APIRouter, FastAPI

app = FastAPI(title=5)  # error
other = FastAPI(docs_url=True)  # error
third = FastAPI(tags=["settings of plugins are keywords too"])
router = APIRouter(prefx="/items")  # error
items = APIRouter(tags=5)  # error


@app.get("/x", respnse_model=int)  # error
async def x() -> None: ...


@router.post("/y", status_code="201")  # error
async def y() -> None: ...


@app.api_route("/z", methds=["GET"])  # error
async def z() -> None: ...


@app.websocket("/ws", dependences=[])  # error
async def ws() -> None: ...


@app.trace("/t", tags=["a"], deprecated="yes")  # error
async def t() -> None: ...


app.include_router(router, prefx="/v1")  # error
router.include_router(items, tag=["v1"])  # error
app.include_rooter(router)  # error
app.add_api_route("/w", x, method=["GET"])  # error
