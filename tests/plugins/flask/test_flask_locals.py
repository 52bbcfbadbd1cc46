"""The context locals `request`, `g` and `current_app` in the hybrid app."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from fenrir import Fenrir, current_app, g, request, session
from fenrir_core import NoRequest, Request


def test_request_reads_query_headers_and_cookies_in_async_and_sync_handlers(browse: Any) -> None:
    app = Fenrir()

    def seen() -> Any:
        return [request.args.get("q"), request.args.getlist("q"), request.headers["x-a"], request.cookies["c"]]

    @app.get("/async")
    async def one() -> Any:
        return seen()

    @app.get("/sync")
    def two() -> Any:
        return seen()

    browser = browse(app)
    for path in ("/async", "/sync"):
        answer = browser.get(f"{path}?q=1&q=2", headers={"X-A": "b", "cookie": "c=d"})
        assert answer.json() == ["1", ["1", "2"], "b", "d"]


def test_request_describes_the_url(browse: Any) -> None:
    app = Fenrir()

    @app.get("/pets/<int:pet>")
    def show(pet: int) -> Any:
        names = "method path full_path url base_url url_root host scheme endpoint view_args query_string"
        return {name: str(getattr(request, name)) for name in names.split()}

    assert browse(app).get("/pets/7?a=b%20c").json() == {
        "method": "GET",
        "path": "/pets/7",
        "full_path": "/pets/7?a=b%20c",
        "url": "http://test/pets/7?a=b%20c",
        "base_url": "http://test/pets/7",
        "url_root": "http://test/",
        "host": "test",
        "scheme": "http",
        "endpoint": "show",
        "view_args": "{'pet': 7}",
        "query_string": "b'a=b%20c'",
    }


def test_request_reads_every_kind_of_body_without_await(browse: Any) -> None:
    app = Fenrir()

    @app.post("/")
    async def read() -> Any:
        return {
            "form": request.form.to_dict(),
            "files": {name: [file.filename, file.read().decode()] for name, file in request.files.items()},
            "json": request.get_json(silent=True),
            "data": request.get_data(as_text=True),
        }

    browser = browse(app)
    form = browser.post("/", data={"a": "1"}).json()
    files = browser.post("/", data={"a": "1"}, files={"f": ("n.txt", b"text")}).json()
    json = browser.post("/", json={"a": 1}).json()

    assert (form["form"], form["files"], form["json"]) == ({"a": "1"}, {}, None)
    assert (files["form"], files["files"]) == ({"a": "1"}, {"f": ["n.txt", "text"]})
    assert (json["form"], json["json"], json["data"]) == ({}, {"a": 1}, '{"a":1}')


def test_a_missing_field_is_a_400_and_a_body_that_is_not_json_a_415_or_400(browse: Any) -> None:
    app = Fenrir()

    @app.post("/field")
    def field() -> Any:
        return request.form["missing"]

    @app.post("/json")
    def json() -> Any:
        return request.json

    browser = browse(app)
    assert browser.post("/field").status_code == 400
    assert browser.post("/json", content=b"{}").status_code == 415
    assert browser.post("/json", content=b"{", headers={"content-type": "application/json"}).status_code == 400


def test_a_route_with_stream_reads_the_body_itself(browse: Any) -> None:
    app = Fenrir()

    @app.post("/", stream=True)
    async def read(request: Request) -> Any:
        return [len(chunk) async for chunk in request.stream()]

    assert browse(app).post("/", content=b"abc").json() == [3]


def test_g_is_a_namespace_and_a_mapping_of_one_request(browse: Any) -> None:
    app = Fenrir()

    @app.get("/")
    def index() -> Any:
        g.a = 1
        g["b"] = 2
        seen = [g.get("c", 3), "a" in g, sorted(g), len(g), g.setdefault("d", 4), g.pop("a"), g.pop("a", None)]
        del g.b
        with pytest.raises(AttributeError, match="g has no 'b'"):
            _ = g.b
        with pytest.raises(KeyError):
            g.pop("b")
        return [*seen, list(g)]

    browser = browse(app)
    for _ in range(2):
        assert browser.get("/").json() == [3, True, ["a", "b"], 2, 4, 1, None, ["d"]]


def test_current_app_is_the_app_that_serves(browse: Any) -> None:
    app = Fenrir()
    app.config["COLOUR"] = "red"

    @app.get("/")
    def index() -> Any:
        return [current_app.config["COLOUR"], current_app._get_current_object() is app]  # type: ignore[attr-defined]

    assert browse(app).get("/").json() == ["red", True]


@pytest.mark.parametrize("name", ["request", "g", "session", "current_app"])
def test_a_local_outside_of_requests_says_its_name(name: str) -> None:
    local: Any = {"request": request, "g": g, "session": session, "current_app": current_app}[name]

    with pytest.raises(NoRequest, match=f"^{name} was used outside a request"):
        _ = local.anything
    assert not local
    assert repr(local) == "<LocalProxy unbound>"
    assert not hasattr(local, "__wrapped__")


def test_g_works_in_a_scope_without_request_and_request_says_that_there_is_none() -> None:
    app = Fenrir()

    async def work() -> Any:
        async with app.context():
            g.a = 1
            with pytest.raises(NoRequest):
                _ = request.args
            with pytest.raises(NoRequest):
                session.get("a")
            return g.a

    assert asyncio.run(work()) == 1


def test_a_thousand_requests_at_a_time_never_meet() -> None:
    app = Fenrir(secret_key="key", threads=8)

    def read() -> Any:
        return [request.args["n"], g.n, session["n"]]

    @app.get("/async")
    async def one() -> Any:
        g.n = session["n"] = request.args["n"]
        await asyncio.sleep(0)
        await asyncio.sleep(0.001)
        return read()

    @app.get("/sync")
    def two() -> Any:
        g.n = session["n"] = request.args["n"]
        return read()

    async def ask_all() -> Any:
        transport = httpx.ASGITransport(app=app)

        async def ask(number: int) -> Any:
            async with httpx.AsyncClient(transport=transport, base_url="http://test", trust_env=False) as client:
                answer = await client.get(f"/{'async' if number % 2 else 'sync'}?n={number}")
                again = await client.get(f"/{'sync' if number % 2 else 'async'}?n={number}")
                return [answer.json(), again.json(), len(answer.cookies)]

        return await asyncio.gather(*[ask(number) for number in range(1000)])

    for number, (first, second, cookies) in enumerate(asyncio.run(ask_all())):
        assert first == second == [str(number)] * 3
        assert cookies == 1
