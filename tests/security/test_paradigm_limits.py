"""Each limit of a paradigm's own is honoured, or refused at the build; the kernel's hold in each paradigm."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest
from tests.asgi import fetch
from tests.security.test_limit_table import END, FORM, JSON, MULTIPART, part

import fenrir_bottle
import fenrir_falcon
import fenrir_fastapi
import fenrir_flask
import fenrir_sanic
from fenrir_core import BuildError, Fenrir

# ------------------------------------------------------------ apps that read one thing


def fastapi_app(**settings: Any) -> Any:
    app = fenrir_fastapi.FastAPI(settings=settings)

    @app.post("/json")
    async def read_json(body: Any = fenrir_fastapi.Body()) -> Any:
        return "ok"

    @app.post("/model")
    async def read_model(request: fenrir_fastapi.Request) -> Any:
        return str(await request.json())[:1]

    @app.post("/form")
    async def read_form(request: fenrir_fastapi.Request) -> Any:
        return len(await request.form())

    @app.get("/query")
    async def read_query(request: fenrir_fastapi.Request) -> Any:
        return len(request.query_params)

    return app


def flask_app(**settings: Any) -> Any:
    app = fenrir_flask.Flask(__name__, **settings)
    request: Any = fenrir_flask.request
    app.post("/json", endpoint="json")(lambda: str(request.get_json())[:1])
    app.post("/form", endpoint="form")(lambda: str(len(request.form)))
    app.get("/query", endpoint="query")(lambda: str(len(request.args)))
    return app


class Resource:
    async def on_post(self, req: Any, resp: Any) -> None:
        resp.media = str(await req.get_media())[:1]

    async def on_get(self, req: Any, resp: Any) -> None:
        resp.media = len(req.params)


def falcon_app(**settings: Any) -> Any:
    app = fenrir_falcon.App(**settings)
    for path in ("/json", "/form", "/query"):
        app.add_route(path, Resource())
    return app


def sanic_app(**settings: Any) -> Any:
    app = fenrir_sanic.Sanic("limits", **settings)

    @app.post("/json")
    async def read_json(request: Any) -> Any:
        return fenrir_sanic.text(str(request.json)[:1])

    @app.post("/form")
    async def read_form(request: Any) -> Any:
        return fenrir_sanic.text(str(len(request.form)))

    @app.get("/query")
    async def read_query(request: Any) -> Any:
        return fenrir_sanic.text(str(len(request.args)))

    @app.websocket("/socket")
    async def socket(request: Any, ws: Any) -> None:
        await ws.send(await ws.recv())

    @app.get("/slow")
    async def slow(request: Any) -> Any:
        import asyncio

        await asyncio.sleep(60)

    return app


def bottle_app(**settings: Any) -> Any:
    app = fenrir_bottle.Bottle(**settings)
    request: Any = fenrir_bottle.request
    app.post("/json")(lambda: str(request.json)[:1])
    app.post("/form")(lambda: str(len(request.forms)))
    app.get("/query")(lambda: str(len(request.query)))
    return app


APPS = {"fastapi": fastapi_app, "flask": flask_app, "falcon": falcon_app, "sanic": sanic_app, "bottle": bottle_app}
URLENCODED = "&".join(f"a{number}=1" for number in range(6)).encode()


@pytest.mark.parametrize("kind", APPS)
def test_the_depth_of_json_is_limited(kind: str) -> None:
    app = APPS[kind](max_json_depth=5)
    found = [fetch(app, "POST", "/json", headers=JSON, body=b"[" * n + b"]" * n).status for n in (5, 6)]
    assert found == [200, 422 if kind == "fastapi" else 400]


@pytest.mark.parametrize("kind", APPS)
def test_the_digits_of_json_are_limited(kind: str) -> None:
    app = APPS[kind](max_json_digits=5)
    found = [fetch(app, "POST", "/json", headers=JSON, body=b"1" * n).status for n in (5, 6)]
    assert found == [200, 422 if kind == "fastapi" else 400]


@pytest.mark.parametrize("kind", APPS)
def test_the_pairs_of_a_query_are_limited(kind: str) -> None:
    app = APPS[kind](max_query_pairs=5)
    found = [fetch(app, path="/query", query="&".join(f"a{i}=1" for i in range(n))).status for n in (5, 6)]
    assert found == [200, 413 if kind == "flask" else 400]


@pytest.mark.parametrize("path", ["/pairs", "/strict"])
def test_the_pairs_of_a_query_are_limited_however_sanics_request_reads_them(path: str) -> None:
    app = sanic_app(max_query_pairs=2)
    app.get("/pairs", name="pairs")(lambda request: fenrir_sanic.text(str(request.get_query_args())))
    app.get("/strict", name="strict")(lambda request: fenrir_sanic.text(str(request.get_args(errors="strict"))))
    assert [fetch(app, path=path, query=query).status for query in ("a=1&b=1", "a=1&b=1&c=1")] == [200, 400]


@pytest.mark.parametrize("kind", [kind for kind in APPS if kind != "flask"])
def test_the_fields_of_a_form_are_limited(kind: str) -> None:
    app = APPS[kind](max_form_fields=5)
    bodies = (URLENCODED.rpartition(b"&")[0], URLENCODED)
    found = [fetch(app, "POST", "/form", headers=FORM, body=body).status for body in bodies]
    assert found == [200, 400]


@pytest.mark.parametrize(("kind", "urlencoded"), [("flask", 200), ("falcon", 400), ("sanic", 400)])
def test_the_form_readers_of_the_frameworks_have_their_own_limits(kind: str, urlencoded: int) -> None:
    app = APPS[kind](max_form_fields=2, max_form_field_size=9)
    found = [fetch(app, **parts(3)).status, fetch(app, "POST", "/form", headers=FORM, body=URLENCODED).status]
    assert found == [200, urlencoded]


# ------------------------------------------------------------ the paradigms' own


def parts(count: int) -> Dict[str, Any]:
    return {"method": "POST", "path": "/form", "headers": MULTIPART, "body": part("a", b"1234567890") * count + END}


@pytest.mark.parametrize(
    ("limits", "status"),
    [({"max_fields": 2}, 400), ({"max_fields": 3}, 200), ({"max_part_size": 9}, 413), ({"max_part_size": 10}, 200)],
)
def test_form_limits_of_fastapi(limits: Dict[str, int], status: int) -> None:
    app = fenrir_fastapi.FastAPI()

    @app.post("/form", form_limits=limits)
    async def read(request: fenrir_fastapi.Request) -> Any:
        return len(await request.form())

    assert fetch(app, **parts(3)).status in ((status,) if status == 200 else (400, 413))


def test_form_limits_of_fastapi_leave_the_others_as_they_are() -> None:
    app = fenrir_fastapi.FastAPI(settings={"max_form_fields": 2})

    @app.post("/form", form_limits={"max_files": 1})
    async def read(a: List[str] = fenrir_fastapi.Form()) -> Any:  # FastAPI's way
        return len(a)

    assert fetch(app, **parts(3)).status == 400


@pytest.mark.parametrize("limits", [{"max_fields": 2}, {"max_part_size": 9}, {"max_files": 0}])
def test_arguments_of_request_form_come_before_the_routes(limits: Dict[str, int]) -> None:
    app = fenrir_fastapi.FastAPI()

    @app.post("/form")
    async def read(request: fenrir_fastapi.Request) -> Any:
        return len(await request.form(**limits))

    file = part("f", b"x", "f.txt") if "max_files" in limits else b""
    body = file + part("a", b"1234567890") * 3 + END
    assert fetch(app, "POST", "/form", headers=MULTIPART, body=body).status == 400


def test_a_form_with_one_argument_keeps_the_other_limits_of_the_route() -> None:
    app = fenrir_fastapi.FastAPI(settings={"max_form_fields": 2})

    @app.post("/form")
    async def read(request: fenrir_fastapi.Request) -> Any:
        return len(await request.form(max_files=1))

    assert fetch(app, **parts(3)).status == 400


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [("MAX_CONTENT_LENGTH", 100, 413), ("MAX_FORM_PARTS", 2, 413), ("MAX_FORM_MEMORY_SIZE", 9, 413), ("X", 1, 200)],
)
def test_keys_of_flask(key: str, value: int, status: int) -> None:
    app = flask_app()
    app.config[key] = value
    assert fetch(app, **parts(3)).status == status


def test_flask_without_a_key_has_the_limit_of_all_apps() -> None:
    assert fetch(flask_app(), "POST", "/json", headers={"content-length": "16777217"}).status == 413
    assert flask_app(max_body=None).settings["max_body"] is None


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [("max_body_part_count", 2, 400), ("max_body_part_buffer_size", 9, 400), ("max_body_part_headers_size", 10, 400)],
)
def test_multipart_options_of_falcon(name: str, value: int, status: int) -> None:
    app = fenrir_falcon.App()
    handler: Any = fenrir_falcon.media.MultipartFormHandler()
    setattr(handler.parse_options, name, value)
    app.req_options.media_handlers["multipart/form-data"] = handler

    class Parts:
        async def on_post(self, req: Any, resp: Any) -> None:
            resp.media = [await part.text async for part in await req.get_media()]

    app.add_route("/form", Parts())
    assert fetch(app, **parts(3)).status in (status, 413)
    setattr(handler.parse_options, name, 1000)
    assert fetch(app, **parts(3)).status == 200


def test_the_maximum_of_bodies_and_headers_of_sanic() -> None:
    app = sanic_app()
    app.config.REQUEST_MAX_SIZE = 100
    app.config.REQUEST_MAX_HEADER_SIZE = 60
    assert fetch(app, "POST", "/json", headers={"content-length": "101"}).status == 413
    assert fetch(app, path="/query", headers={"x": "y" * 61}).status == 431


def test_the_maximum_of_messages_of_sanic() -> None:
    from tests.security.test_limit_table import close_code

    app = sanic_app()
    app.config.WEBSOCKET_MAX_SIZE = 60
    assert close_code(app, "x" * 61)[1] == 1009


def test_the_response_timeout_of_sanic() -> None:
    app = sanic_app()
    app.config.RESPONSE_TIMEOUT = 0.05
    assert fetch(app, path="/slow").status == 503


def test_a_setting_of_the_app_comes_before_sanics_configuration() -> None:
    app = sanic_app(max_body=7)
    app.build()
    assert app.settings["max_body"] == 7


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("REQUEST_TIMEOUT", 5), ("REQUEST_BUFFER_SIZE", 5), ("KEEP_ALIVE", False), ("KEEP_ALIVE_TIMEOUT", 5),
        ("WEBSOCKET_PING_INTERVAL", 5), ("WEBSOCKET_PING_TIMEOUT", 5),
    ],
)  # fmt: skip
def test_what_belongs_to_sanics_server_is_refused_at_the_build(key: str, value: Any) -> None:
    app = sanic_app()
    app.config[key] = value
    with pytest.raises(BuildError, match=rf"Sanic app 'limits': {key}={value!r} belongs to Sanic's own server"):
        app.build()


@pytest.mark.parametrize("path", ["/json", "/form"])
def test_the_memory_of_bottle(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fenrir_bottle.BaseRequest, "MEMFILE_MAX", 20)
    headers, body = (JSON, b'"' + b"x" * 30 + b'"') if path == "/json" else (FORM, b"a=" + b"x" * 30)
    assert fetch(bottle_app(), "POST", path, headers=headers, body=body).status == 413


def test_limits_hold_in_the_hybrid_app() -> None:
    app = Fenrir(max_json_depth=5)

    @app.post("/json")
    def read() -> Any:
        from fenrir import request

        return str(request.json)[:1]

    assert [fetch(app, "POST", "/json", headers=JSON, body=b"[" * n + b"]" * n).status for n in (5, 6)] == [200, 400]
