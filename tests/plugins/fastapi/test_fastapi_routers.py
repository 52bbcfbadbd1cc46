"""Routers, the FastAPI class, WebSockets, the encoder."""

from __future__ import annotations

import asyncio
import dataclasses
import decimal
import json
from typing import Any, List

import pytest
from pydantic import BaseModel

from fenrir_core import BuildError, Fenrir
from fenrir_core.testing import Client, Refused
from fenrir_fastapi import APIRouter, Depends, FastAPI, Header, Query, WebSocket
from fenrir_fastapi.encoders import jsonable_encoder


def test_routers_nest_and_their_prefixes_join(ask: Any) -> None:
    inner, outer, app = APIRouter(prefix="/inner"), APIRouter(prefix="/outer"), Fenrir()

    @inner.get("/{number}")
    async def show(number: int) -> int:
        return number

    outer.include_router(inner, prefix="/between")
    app.include_router(outer, prefix="/api")
    assert ask(app, "GET", "/api/outer/between/inner/5").json() == 5


def test_a_route_that_comes_after_the_inclusion_counts(ask: Any) -> None:
    app, router = Fenrir(), APIRouter()
    app.include_router(router, prefix="/api")

    @router.get("/late")
    async def late() -> str:
        return "late"

    assert ask(app, "GET", "/api/late").json() == "late"


def test_a_router_can_be_mounted_too(ask: Any) -> None:
    app, router = Fenrir(), APIRouter()

    @router.get("/x")
    async def show() -> List[int]:
        return [1]

    app.mount("/api", router)
    assert ask(app, "GET", "/api/x").json() == [1]


def test_a_router_can_not_include_itself() -> None:
    router = APIRouter()
    with pytest.raises(BuildError, match="itself"):
        router.include_router(router)


def test_a_wrong_prefix_is_an_error() -> None:
    with pytest.raises(BuildError, match="start with '/'"):
        APIRouter(prefix="api")


def test_an_unknown_route_option_is_an_error_with_the_near_ones() -> None:
    app = FastAPI()

    @app.get("/", respose_model=int)
    async def show() -> None: ...

    with pytest.raises(BuildError, match="response_model"):
        app.build()


def test_events_run_at_start_and_stop() -> None:
    log: List[str] = []
    app = FastAPI(on_startup=[lambda: log.append("up")], on_shutdown=[lambda: log.append("down")])

    with pytest.warns(DeprecationWarning, match="lifespan"):

        @app.on_event("startup")
        async def more() -> None:
            log.append("more")

    async def run() -> None:
        async with Client(app):
            log.append("serving")

    asyncio.run(run())
    assert log == ["up", "more", "serving", "down"]


def test_a_websocket_takes_parameters_and_dependencies() -> None:
    app = FastAPI()

    def key(x_key: str = Header("none")) -> str:
        return x_key

    @app.websocket("/ws/{room}")
    async def talk(websocket: WebSocket, room: str, times: int = Query(1), who: str = Depends(key)) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_json([room, text * times, who])

    async def run() -> Any:
        async with Client(app).websocket("/ws/a?times=2", headers={"x-key": "me"}) as session:
            await session.send("hi")
            return json.loads(await session.receive())

    assert asyncio.run(run()) == ["a", "hihi", "me"]


@pytest.mark.parametrize(("make", "status"), [(FastAPI, 403), (Fenrir, 422)])
def test_a_websocket_with_wrong_parameters_is_refused(make: Any, status: int) -> None:
    app: FastAPI = make()

    @app.websocket("/ws")
    async def talk(websocket: WebSocket, times: int) -> None:
        await websocket.accept()

    async def run() -> None:
        async with Client(app).websocket("/ws?times=x"):
            pass

    with pytest.raises(Refused) as refused:
        asyncio.run(run())
    assert refused.value.answer.status == status


def test_the_encoder_turns_all_kinds_of_objects_into_what_json_holds() -> None:
    @dataclasses.dataclass
    class Point:
        x: int
        y: decimal.Decimal

    class Model(BaseModel):
        a: int = 1

    class Plain:
        def __init__(self) -> None:
            self.a = {
                1,
            }

    found = jsonable_encoder({"point": Point(1, decimal.Decimal("1.5")), "model": Model(), "plain": Plain(), "_sa": 1})
    assert found == {"point": {"x": 1, "y": 1.5}, "model": {"a": 1}, "plain": {"a": [1]}}


def test_two_apps_never_meet(ask: Any) -> None:
    first, second = FastAPI(title="first"), FastAPI(title="second")
    assert [app.openapi()["info"]["title"] for app in (first, second)] == ["first", "second"]


def test_a_fastapi_app_loads_its_own_paradigm_alone() -> None:
    records = FastAPI().plugins.records
    assert [record.name for record in records if record.state == "active" and record.is_paradigm] == ["fastapi"]
