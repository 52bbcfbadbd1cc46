"""Falcon's and Sanic's things beside those of the other paradigms, in one request."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from pydantic import BaseModel

import fenrir_falcon as falcon
from fenrir import Depends, Fenrir, g, request
from fenrir_sanic import Request as SanicRequest
from fenrir_sanic import SanicException, text


class Item(BaseModel):
    size: int


def ask(app: Any, method: str, path: str, **kwargs: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **kwargs)

    return asyncio.run(run())


async def user(request: SanicRequest) -> Any:
    return request.ctx.user


class Things:
    async def on_get(self, req: Any, resp: Any, number: int, page: int = 1, user: Any = Depends(user)) -> None:
        resp.media = {"number": number, "page": page, "user": user, "path": request.path, "g": g.user}

    async def on_post(self, req: Any, resp: Any, number: int, body: Item) -> None:
        resp.media = {"json": req.json, "size": body.size}

    def on_put(self, req: Any, resp: Any, number: int) -> None:
        resp.media = {"media": req.media, "g": g.user, "method": request.method}

    async def on_delete(self, req: Any, resp: Any, number: int) -> None:
        raise SanicException("It is gone.", 410)

    async def on_patch(self, req: Any, resp: Any, number: int) -> Any:
        return text("patched", 202)


def make() -> Fenrir:
    app = Fenrir()
    app.add_route("/things/{number:int}", Things())

    @app.middleware("request")
    async def sign_in(request: Any) -> None:
        request.ctx.user = g.user = "ada"

    return app


def test_a_responder_takes_dependencies_query_parameters_and_context_locals() -> None:
    answer = ask(make(), "GET", "/things/3?page=2")
    assert answer.json() == {"number": 3, "page": 2, "user": "ada", "path": "/things/3", "g": "ada"}


def test_a_responder_takes_a_validated_body_and_reads_it_too() -> None:
    assert ask(make(), "POST", "/things/3", json={"size": 1}).json() == {"json": {"size": 1}, "size": 1}
    assert ask(make(), "POST", "/things/3", json={"size": "x"}).status_code == 422


def test_a_synchronous_responder_sees_what_middleware_put_into_g() -> None:
    assert ask(make(), "PUT", "/things/3", json=1).json() == {"media": 1, "g": "ada", "method": "PUT"}


def test_an_error_of_another_paradigm_is_answered_with_its_status() -> None:
    answer = ask(make(), "DELETE", "/things/3")
    assert (answer.status_code, answer.json()) == (410, {"detail": "It is gone."})


def test_a_responder_may_return_a_response_of_another_paradigm() -> None:
    answer = ask(make(), "PATCH", "/things/3")
    assert (answer.status_code, answer.text) == (202, "patched")


def test_a_function_takes_falcons_request() -> None:
    app = make()

    @app.get("/q")
    async def query(req: falcon.Request) -> Any:
        return {"q": req.get_param_as_int("q")}

    assert ask(app, "GET", "/q?q=4").json() == {"q": 4}
    assert ask(app, "GET", "/q?q=x").status_code == 400


def test_concurrent_requests_never_see_each_others_views() -> None:
    app = Fenrir()

    class Echo:
        async def on_post(self, req: Any, resp: Any, number: int) -> None:
            await asyncio.sleep(0)
            resp.media = [number, req.json, req.context.number]

        def on_put(self, req: Any, resp: Any, number: int) -> None:
            resp.media = [number, req.json, req.context.number]

    @app.middleware("request")
    async def note(request: Any, req: falcon.Request) -> None:
        req.context.number = int(request.path.rpartition("/")[2])

    app.add_route("/echo/{number:int}", Echo())

    async def run() -> None:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            numbers = range(200)
            posts = [client.post(f"/echo/{number}", json=number) for number in numbers]
            puts = [client.put(f"/echo/{number}", json=number) for number in numbers]
            answers = await asyncio.gather(*posts, *puts)
            assert [answer.json() for answer in answers] == [[number] * 3 for number in [*numbers, *numbers]]

    asyncio.run(run())
