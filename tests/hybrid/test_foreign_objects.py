"""HTTP errors and responses of the real frameworks, raised and returned in apps of every paradigm."""

from __future__ import annotations

import importlib
import logging
import subprocess
import sys
from typing import Any, Callable, Dict, List, Tuple

import pytest
from tests.asgi import Socket, run
from tests.hybrid.foreign_apps import MAKERS, RETURNING, fetch, pairs, raising, returning

from fenrir import Fenrir
from fenrir_core import App, Call, RouteHook, WebSocket, hookimpl
from fenrir_fastapi import Depends, FastAPI, HTTPException
from fenrir_flask import Flask, abort, make_response
from fenrir_sanic import text


def real(path: str) -> Any:
    """Return what ``package.module:name`` names in a real framework; the test is skipped where it is not installed."""
    module, _, name = path.partition(":")
    pytest.importorskip(module.partition(".")[0])
    found = importlib.import_module(module)
    return getattr(found, name) if name else found


#: What raises an error, the status, and headers that it has.
ERRORS: Dict[str, Tuple[Callable[[], Any], int, Dict[str, str]]] = {
    "starlette": (lambda: real("starlette.exceptions:HTTPException")(404, "x", {"x-a": "1"}), 404, {"x-a": "1"}),
    "fastapi": (
        lambda: real("fastapi:HTTPException")(401, {"why": "no"}, {"WWW-Authenticate": "Bearer"}),
        401,
        {"www-authenticate": "Bearer"},
    ),
    "werkzeug": (lambda: real("werkzeug.exceptions:NotFound")(), 404, {}),
    "werkzeug 405": (lambda: real("werkzeug.exceptions:MethodNotAllowed")(["GET", "PUT"]), 405, {"allow": "GET, PUT"}),
    "werkzeug 429": (lambda: real("werkzeug.exceptions:TooManyRequests")(retry_after=7), 429, {"retry-after": "7"}),
    "werkzeug redirect": (
        lambda: real("werkzeug.routing.exceptions:RequestRedirect")("http://test/new"),
        308,
        {"location": "http://test/new"},
    ),
    "falcon": (lambda: real("falcon:HTTPForbidden")(description="no", headers={"x-a": "1"}), 403, {"x-a": "1"}),
    "falcon status": (lambda: real("falcon:HTTPStatus")("202 Accepted", {"x-a": "1"}, "text"), 202, {"x-a": "1"}),
    "falcon redirect": (lambda: real("falcon:HTTPFound")("/new"), 302, {"location": "/new"}),
    "sanic": (lambda: real("sanic.exceptions:NotFound")("gone"), 404, {}),
    "sanic 401": (
        lambda: real("sanic.exceptions:Unauthorized")("no", scheme="Basic", realm="r"),
        401,
        {"www-authenticate": 'Basic realm="r"'},
    ),
    "bottle": (lambda: real("bottle:HTTPError")(410, "gone", x_a="1"), 410, {"x-a": "1"}),
    "bottle response": (lambda: real("bottle:HTTPResponse")("made", 201, {"x-a": "1"}), 201, {"x-a": "1"}),
}


@pytest.mark.parametrize("app", MAKERS)
@pytest.mark.parametrize("name", ERRORS)
def test_an_error_of_another_framework_is_answered_with_its_status_and_headers(name: str, app: str) -> None:
    make, status, headers = ERRORS[name]
    make()
    answer = fetch(MAKERS[app](raising(make)))
    assert answer.status == status, answer.text
    assert {key: answer.headers.get(key) for key in headers} == headers


@pytest.mark.parametrize("name", [name for name in ERRORS if name not in ("bottle response", "falcon status")])
def test_an_error_of_another_framework_is_no_unhandled_one(name: str, caplog: Any) -> None:
    fetch(MAKERS["hybrid"](raising(ERRORS[name][0])))
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("app", RETURNING)
@pytest.mark.parametrize("name", ["werkzeug", "starlette", "bottle"])
def test_an_error_that_is_returned_is_answered_as_one_that_is_raised(name: str, app: str) -> None:
    make, status, _ = ERRORS[name]
    make()
    assert fetch(RETURNING[app](returning(make))).status == status


def test_the_detail_of_fastapis_error_is_kept() -> None:
    make = ERRORS["fastapi"][0]
    make()
    for app in ("fastapi", "hybrid", "kernel"):
        assert fetch(MAKERS[app](raising(make))).json() == {"detail": {"why": "no"}}


def test_the_page_of_werkzeugs_error_is_werkzeugs_in_a_flask_app() -> None:
    error = real("werkzeug.exceptions:Forbidden")("for <you>")
    assert fetch(MAKERS["flask"](raising(lambda: error))).text == error.get_body()


def test_an_error_with_a_page_of_its_own_is_answered_with_that() -> None:
    class Teapot(real("werkzeug.exceptions:HTTPException")):  # type: ignore[misc]
        code = 418

        def get_body(self, *args: Any, **kwargs: Any) -> str:
            return "short and stout"

    for app in ("flask", "fastapi", "hybrid"):
        answer = fetch(MAKERS[app](raising(Teapot)))
        assert (answer.status, answer.text) == (418, "short and stout")


def test_an_error_that_has_a_response_is_answered_with_it() -> None:
    def fail() -> Any:
        real("werkzeug.exceptions:abort")(real("werkzeug.wrappers:Response")("mine", 403))

    for app in MAKERS:
        answer = fetch(MAKERS[app](fail))
        assert (answer.status, answer.text) == (403, "mine")


def test_the_error_of_an_http_client_is_none_of_ours() -> None:
    """Its status is another server's."""
    httpx = pytest.importorskip("httpx")
    response = httpx.Response(404, request=httpx.Request("GET", "http://elsewhere/"))

    class StatusError(Exception):
        status = status_code = code = 404
        headers: Dict[str, str] = {}
        response = None

    for app in MAKERS:
        assert fetch(MAKERS[app](lambda: response.raise_for_status())).status == 500
        assert fetch(MAKERS[app](raising(StatusError))).status == 500


# ---------------------------------------------------------------- handlers


def kept(seen: List[Any]) -> Any:
    def handle(*args: Any) -> Any:
        seen.append(args[-1])
        return ("handled", 418)

    return handle


@pytest.mark.parametrize("kind", ["NotFound", "HTTPException"])
def test_a_flask_handler_of_the_real_class_gets_the_real_error(kind: str) -> None:
    error, seen = real("werkzeug.exceptions:NotFound")(), []  # type: Any, List[Any]
    app = MAKERS["flask"](raising(lambda: error))
    app.register_error_handler(real(f"werkzeug.exceptions:{kind}"), kept(seen))
    assert (fetch(app).status, seen) == (418, [error])


def test_a_fastapi_handler_of_the_real_class_gets_the_real_error() -> None:
    error, seen = real("fastapi:HTTPException")(404), []  # type: Any, List[Any]
    app = MAKERS["fastapi"](raising(lambda: error))

    @app.exception_handler(real("starlette.exceptions:HTTPException"))
    async def handle(request: Any, exc: Any) -> Any:
        seen.append(exc)
        return real("starlette.responses:PlainTextResponse")("handled", 418)

    answer = fetch(app)
    assert (answer.status, answer.text, seen) == (418, "handled", [error])


@pytest.mark.parametrize("status", [404, 410])
def test_a_handler_of_a_status_gets_our_error(status: int) -> None:
    seen: List[Any] = []
    app = MAKERS["flask"](raising(lambda: real("werkzeug.exceptions:NotFound")("gone")))
    app.register_error_handler(status, kept(seen))
    assert fetch(app).status == (418 if status == 404 else 404)
    assert [(error.code, error.description) for error in seen] == ([(404, "gone")] if status == 404 else [])


def test_a_handler_of_our_class_gets_our_error_caused_by_the_real_one() -> None:
    error, seen = real("fastapi:HTTPException")(404, "gone"), []  # type: Any, List[Any]
    app = MAKERS["fastapi"](raising(lambda: error))

    @app.exception_handler(HTTPException)
    async def handle(request: Any, exc: Any) -> Any:
        seen.append(exc)
        return {"handled": exc.detail}

    assert fetch(app).json() == {"handled": "gone"}
    assert isinstance(seen[0], HTTPException) and seen[0].__cause__ is error


def test_a_falcon_handler_of_the_real_class_is_found() -> None:
    app = MAKERS["falcon"](raising(lambda: real("falcon:HTTPForbidden")()))

    async def handle(req: Any, resp: Any, ex: Any, params: Any) -> None:
        resp.status, resp.text = 418, type(ex).__module__

    app.add_error_handler(real("falcon:HTTPError"), handle)
    assert (fetch(app).status, fetch(app).text) == (418, "falcon.errors")


def test_a_sanic_handler_of_the_real_class_is_found() -> None:
    app = MAKERS["sanic"](raising(lambda: real("sanic.exceptions:NotFound")()))
    app.exception(real("sanic.exceptions:SanicException"))(lambda request, error: text("handled", 418))
    assert fetch(app).status == 418


def test_a_bottle_handler_of_a_status_is_found_for_the_real_error() -> None:
    app = MAKERS["bottle"](raising(lambda: real("bottle:HTTPError")(410, "gone")))
    app.error(410)(lambda error: f"handled {error.body}")
    assert (fetch(app).status, fetch(app).text) == (410, "handled gone")


def test_the_after_hooks_of_bottle_run_once_for_an_exception_of_the_real_bottle() -> None:
    ran: List[int] = []
    app = MAKERS["bottle"](raising(lambda: real("bottle:HTTPResponse")("made", 201)))
    app.hook("after_request")(lambda: ran.append(1))
    assert (fetch(app).status, ran) == (201, [1])


def test_what_a_handler_raises_and_returns_is_understood_too() -> None:
    app = FastAPI()

    @app.get("/raised")
    async def first() -> None:
        raise LookupError

    @app.get("/returned")
    async def second() -> None:
        raise ValueError

    @app.exception_handler(LookupError)
    async def handle_lookup(request: Any, exc: Any) -> Any:
        raise real("werkzeug.exceptions:NotFound")()

    @app.exception_handler(ValueError)
    async def handle_value(request: Any, exc: Any) -> Any:
        return real("starlette.responses:JSONResponse")({"a": 1}, 409)

    assert fetch(app, "/raised").status == 404
    assert (fetch(app, "/returned").status, fetch(app, "/returned").json()) == (409, {"a": 1})


def test_what_a_dependency_raises_is_understood_too() -> None:
    async def guard() -> None:
        raise real("fastapi:HTTPException")(403)

    app = FastAPI()
    app.get("/", dependencies=[Depends(guard)])(lambda: "")
    assert fetch(app).status == 403


def test_what_hooks_of_flask_return_is_understood_too() -> None:
    app = MAKERS["flask"](lambda: "")
    app.before_request(lambda: real("werkzeug.wrappers:Response")("guarded", 401))
    app.after_request(lambda response: real("werkzeug.wrappers:Response")("after " + response.get_data(True), 402))
    assert (fetch(app).status, fetch(app).text) == (402, "after guarded")


def test_what_middleware_of_sanic_returns_is_understood_too() -> None:
    app = MAKERS["sanic"](lambda: None)
    app.on_request(lambda request: real("sanic.response:text")("guarded", 401))
    assert (fetch(app).status, fetch(app).text) == (401, "guarded")


def test_what_a_plugins_step_returns_is_understood_too() -> None:
    class Guard:
        @hookimpl
        def fenrir_route_hooks(self) -> Any:
            async def before(connection: Any) -> Any:
                return real("starlette.responses:PlainTextResponse")("guarded", 401)

            yield RouteHook("guard", before=Call.of(before))

    hybrid = Fenrir(plugins=[Guard()])
    hybrid.get("/")(lambda: "")
    assert (fetch(hybrid).status, fetch(hybrid).text) == (401, "guarded")


@pytest.mark.parametrize("make", [FastAPI, Fenrir, lambda: App(paradigms=("fastapi",), autoload=False)])
def test_a_websocket_is_closed_or_refused_as_the_real_error_says(make: Any) -> None:
    app = make()
    closes, refuses = real("fastapi:WebSocketException"), real("fastapi:HTTPException")

    async def close(websocket: WebSocket) -> None:
        await websocket.accept()
        raise closes(4000, "enough")

    async def refuse(websocket: WebSocket) -> None:
        raise refuses(403, "no")

    app.websocket("/close")(close)
    app.websocket("/refuse")(refuse)

    async def main() -> None:
        closing, refused = Socket(app, "/close"), Socket(app, "/refuse")
        await closing.finish()
        await refused.finish()
        assert [(item["type"], item.get("code")) for item in closing.sent][-1] == ("websocket.close", 4000)
        assert refused.sent[0]["status"] == 403

    run(main())


# ---------------------------------------------------------------- responses


def starlette_json() -> Any:
    response = real("starlette.responses:JSONResponse")({"a": 1}, 201, {"x-a": "1"})
    response.set_cookie("c", "1")
    response.set_cookie("d", "2")
    return response


def werkzeug_text() -> Any:
    response = real("werkzeug.wrappers:Response")("hi", 201, {"x-a": "1"})
    response.set_cookie("c", "1")
    response.set_cookie("d", "2")
    return response


def sanic_json() -> Any:
    response = real("sanic.response:json")({"a": 1}, 201, {"x-a": "1"})
    response.add_cookie("c", "1")
    response.add_cookie("d", "2")
    return response


def bottle_response() -> Any:
    response = real("bottle:Response")("hi", 201, {"x-a": "1"})
    response.set_cookie("c", "1")
    response.set_cookie("d", "2")
    return response


#: What makes a response, its body and content type.
RESPONSES: Dict[str, Tuple[Callable[[], Any], str, str]] = {
    "starlette": (starlette_json, '{"a":1}', "application/json"),
    "werkzeug": (werkzeug_text, "hi", "text/plain; charset=utf-8"),
    "sanic": (sanic_json, '{"a":1}', "application/json"),
    "bottle": (bottle_response, "hi", "text/html; charset=UTF-8"),
}


@pytest.mark.parametrize("app", RETURNING)
@pytest.mark.parametrize("name", RESPONSES)
def test_a_response_of_another_framework_is_sent_as_it_is(name: str, app: str) -> None:
    make, body, content_type = RESPONSES[name]
    make()
    answer = fetch(RETURNING[app](returning(make)))
    assert (answer.status, answer.text) == (201, body)
    assert answer.headers["content-type"] == content_type
    assert (answer.headers["x-a"], answer.headers["content-length"]) == ("1", str(len(body)))
    assert [text.partition(";")[0] for text in pairs(answer, "set-cookie")] == ["c=1", "d=2"]


def test_flasks_own_response_class_is_werkzeugs() -> None:
    kind = real("flask:Response")
    for app in RETURNING:
        assert (answer := fetch(RETURNING[app](returning(lambda: kind("hi", 202)))).status) == 202, answer


def test_a_tuple_with_a_response_of_another_framework_sets_its_status_and_headers() -> None:
    for app in ("hybrid", "flask"):
        answer = fetch(RETURNING[app](returning(lambda: (starlette_json(), 404, {"x-a": "2"}))))
        assert (answer.status, answer.headers["x-a"], answer.text) == (404, "2", '{"a":1}')


def test_make_response_and_abort_of_flask_take_a_response_of_another_framework() -> None:
    def changed() -> Any:
        response = make_response(werkzeug_text())
        response.headers["x-a"] = "2"
        return response

    answer = fetch(MAKERS["flask"](changed))
    assert (answer.status, answer.headers["x-a"]) == (201, "2")
    assert fetch(MAKERS["flask"](lambda: abort(werkzeug_text()))).status == 201


@pytest.mark.parametrize("app", RETURNING)
@pytest.mark.parametrize("name", [*RESPONSES, "asgi"])
def test_a_handler_may_be_annotated_with_the_class_that_it_returns(name: str, app: str) -> None:
    make = (lambda: Page("hello")) if name == "asgi" else RESPONSES[name][0]

    def handler() -> Any:
        return make()

    handler.__annotations__["return"] = type(make())
    assert fetch(RETURNING[app](handler)).status == (203 if name == "asgi" else 201)


def test_a_route_of_fastapi_may_have_a_response_class_of_the_real_starlette() -> None:
    app = FastAPI()
    app.get("/", response_class=real("starlette.responses:PlainTextResponse"), status_code=203)(lambda: "hi")
    answer = fetch(app)
    assert (answer.status, answer.text, answer.headers["content-type"]) == (203, "hi", "text/plain; charset=utf-8")


def streams(closed: List[str]) -> Dict[str, Callable[[], Any]]:
    def chunks() -> Any:
        try:
            yield b"one "
            yield b"two"
        finally:
            closed.append("closed")

    def of_sanic() -> Any:
        async def write(response: Any) -> None:
            await response.write("one ")
            await response.write(b"two")
            closed.append("closed")

        return real("sanic.response.types:ResponseStream")(write, 200, {"x-a": "1"}, "text/plain")

    async def async_chunks() -> Any:
        for chunk in chunks():
            yield chunk

    return {
        "starlette": lambda: real("starlette.responses:StreamingResponse")(async_chunks()),
        "werkzeug": lambda: real("werkzeug.wrappers:Response")(chunks()),
        "bottle": lambda: real("bottle:Response")(chunks()),
        "quart": lambda: real("quart:Response")(async_chunks()),
        "sanic": of_sanic,
    }


@pytest.mark.parametrize("app", RETURNING)
@pytest.mark.parametrize("name", list(streams([])))
def test_a_stream_of_another_framework_is_sent_and_closed(name: str, app: str) -> None:
    closed: List[str] = []
    make = streams(closed)[name]
    make()
    answer = fetch(RETURNING[app](returning(make)))
    assert (answer.status, answer.text, closed) == (200, "one two", ["closed"])


def test_what_a_response_does_after_the_last_byte_is_done() -> None:
    done: List[str] = []

    def with_background() -> Any:
        task = real("starlette.background:BackgroundTask")(done.append, "background")
        return real("starlette.responses:PlainTextResponse")("x", background=task)

    def with_close() -> Any:
        response = real("werkzeug.wrappers:Response")("x")
        response.call_on_close(lambda: done.append("close"))
        return response

    assert fetch(MAKERS["flask"](returning(with_background))).text == "x"
    assert fetch(MAKERS["fastapi"](returning(with_close))).text == "x"
    assert done == ["background", "close"]


def test_a_file_of_starlette_is_sent_with_its_ranges(tmp_path: Any) -> None:
    path = tmp_path / "pets.txt"
    path.write_text("0123456789")
    app = MAKERS["flask"](returning(lambda: real("starlette.responses:FileResponse")(path)))
    assert (fetch(app).text, fetch(app).headers["content-length"]) == ("0123456789", "10")
    part = fetch(app, headers={"range": "bytes=2-4"})
    assert (part.status, part.text) == (206, "234")
    assert fetch(app, method="HEAD").body == b""


def test_a_response_of_another_framework_passes_the_header_checks_and_the_after_steps() -> None:
    class Stamp:
        @hookimpl
        def fenrir_route_hooks(self) -> Any:
            async def after(request: Any, response: Any) -> None:
                response.headers["x-stamp"] = "1"

            yield RouteHook("stamp", after=Call.of(after))

    def forged() -> Any:
        response = starlette_json()
        response.raw_headers.append((b"x-forged", b"a\r\nset-cookie: b=1"))
        return response

    app = App(paradigms=(), plugins=[Stamp()], autoload=False)
    app.get("/")(starlette_json)
    app.get("/forged")(forged)
    assert (fetch(app).status, fetch(app).headers["x-stamp"]) == (201, "1")
    answer = fetch(app, "/forged")
    assert answer.status == 500 and "x-forged" not in answer.headers and "set-cookie" not in answer.headers


# ---------------------------------------------------------------- ASGI callables


class Page:
    """A response class of nobody's, such as a third-party package's."""

    def __init__(self, text: str, value: bytes = b"page") -> None:
        self.text, self.value = text, value

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 203, "headers": [(b"x-page", self.value)]})
        await send({"type": "http.response.body", "body": self.text.encode()})


@pytest.mark.parametrize("app", RETURNING)
def test_an_object_that_is_an_asgi_callable_is_a_response(app: str) -> None:
    answer = fetch(RETURNING[app](returning(lambda: Page("hello"))))
    assert (answer.status, answer.text, answer.headers["x-page"]) == (203, "hello", "page")


def test_an_asgi_callable_passes_the_header_checks_and_the_after_steps() -> None:
    flask = Flask(__name__)
    flask.route("/")(lambda: Page("hello"))
    flask.route("/forged", endpoint="forged")(lambda: Page("hello", b"a\r\nset-cookie: b=1"))

    @flask.after_request
    def stamp(response: Any) -> Any:
        response.headers["x-stamp"] = "1"
        return response

    assert (fetch(flask).status, fetch(flask).headers["x-stamp"]) == (203, "1")
    answer = fetch(flask, "/forged")
    assert answer.status == 500 and "x-page" not in answer.headers and "set-cookie" not in answer.headers


def other_apps() -> Dict[str, Callable[[], Any]]:
    async def function(scope: Any, receive: Any, send: Any) -> None: ...

    def routed() -> Any:
        return real("starlette.routing:Route")("/", lambda request: None)

    return {
        "a class": lambda: Page,
        "a function": lambda: function,
        "fenrir": lambda: Fenrir(),
        "fenrir_fastapi": lambda: FastAPI(),
        "fenrir_fastapi.staticfiles": lambda: importlib.import_module("fenrir_fastapi.staticfiles").StaticFiles(
            directory="."
        ),
        "starlette": lambda: real("starlette.applications:Starlette")(),
        "fastapi": lambda: real("fastapi:FastAPI")(),
        "starlette.routing": routed,
        "flask": lambda: real("flask:Flask")("other"),
        "quart": lambda: real("quart:Quart")("other"),
        "falcon": lambda: real("falcon.asgi:App")(),
        "bottle": lambda: real("bottle:Bottle")(),
    }


@pytest.mark.parametrize("app", RETURNING)
@pytest.mark.parametrize("name", list(other_apps()))
def test_a_class_or_another_app_is_no_response_and_the_log_says_to_mount_it(name: str, app: str, caplog: Any) -> None:
    made = other_apps()[name]()
    assert fetch(RETURNING[app](returning(lambda: made))).status == 500
    assert "mount it" in caplog.text and "foreign_apps.py:" in caplog.text


# ---------------------------------------------------------------- adapters


def test_an_adapter_is_imported_at_the_first_object_of_its_package() -> None:
    real("werkzeug.exceptions")
    code = """
import asyncio, sys
from fenrir_core.testing import Client
from fenrir_fastapi import FastAPI
app = FastAPI()

@app.get("/known")
async def known():
    raise LookupError

@app.get("/unknown")
async def unknown():
    from werkzeug.exceptions import NotFound
    raise NotFound()

async def main():
    async with Client(app, raise_errors=False) as client:
        for path in ("/known", "/unknown"):
            answer = await client.get(path)
            found = [name for name in sorted(sys.modules) if name.startswith("fenrir")]
            print(answer.status, [name for name in found if name.endswith("adapters")])

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert done.stdout.decode().splitlines() == [
        "500 ['fenrir_core.http.adapters']",
        "404 ['fenrir_core.http.adapters', 'fenrir_flask.adapters']",
    ]
