"""Mounted apps inside of the outer app's steps: request bodies and responses pass through whole."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Iterator, List

import pytest
from tests.asgi import Exchange, Socket, fetch, run

import fenrir_falcon
import fenrir_fastapi
import fenrir_flask
import fenrir_sanic
from fenrir import Fenrir
from fenrir_core import App, BuildError, Call, Mount, RouteHook, hookimpl
from fenrir_fastapi.routing import Host, Route

FORM = (
    b"--XX\r\ncontent-disposition: form-data; name=token\r\n\r\nopen\r\n"
    b"--XX\r\ncontent-disposition: form-data; name=file; filename=a.txt\r\n\r\n" + b"x" * 3000 + b"\r\n--XX--\r\n"
)
MULTIPART = {"content-type": "multipart/form-data; boundary=XX", "host": "testserver"}


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Send the request's body back, as an ASGI application."""
    body, more = b"", True
    while more:
        message = await receive()
        assert message["type"] == "http.request"
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 203, "headers": [(b"x-inner", b"1")]})
    await send({"type": "http.response.body", "body": body})


class EchoEndpoint:
    """`echo` as a class of ASGI applications."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def __await__(self) -> Any:
        return echo(*self.arguments).__await__()


def wsgi_echo(environ: Any, start_response: Any) -> List[bytes]:
    start_response("203 Fine", [("x-inner", "1")])
    return [environ["wsgi.input"].read()]


class Hooks:
    """A plugin with one hook."""

    def __init__(self, **steps: Any) -> None:
        self.steps = steps

    @hookimpl
    def fenrir_route_hooks(self) -> Iterator[RouteHook]:
        yield RouteHook("steps", kinds=frozenset({"http", "websocket"}), **self.steps)


def mounted(app: App) -> None:
    app.mount("/site", echo)


def mounted_wsgi(app: Any) -> None:
    app.mount_wsgi(wsgi_echo, prefix="/site")


def asgi_endpoint(app: Any) -> None:
    app.include_router(fenrir_fastapi.APIRouter(routes=[Route("/site", EchoEndpoint)]))


def host(app: Any) -> None:
    app.include_router(fenrir_fastapi.APIRouter(routes=[Host("testserver", echo)]))


SITES = [mounted, mounted_wsgi, asgi_endpoint, host]


# -------------------------------------------------------------------- the body of a request


async def read_body(request: Any) -> None:
    await request.body()


async def read_form(request: Any) -> None:
    await request.form()


async def read_first_chunk(request: Any) -> None:
    async for _ in request.stream():
        break


READERS = {
    "body": {"before": Call.of(read_body)},
    "form": {"before": Call.of(read_form)},
    "first chunk": {"before": Call.of(read_first_chunk)},
    "needs body": {"needs": frozenset({"body"})},
    "needs form": {"needs": frozenset({"form"})},
    "needs load": {"needs": frozenset({"load"})},
}


@pytest.mark.parametrize("pieces", [1, 3])
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("site", SITES)
def test_a_body_that_a_step_has_read_reaches_the_application(
    site: Callable[[Any], None], reader: str, pieces: int
) -> None:
    app = Fenrir(plugins=[Hooks(**READERS[reader])])
    site(app)
    size = -(-len(FORM) // pieces)
    body = [FORM[start : start + size] for start in range(0, len(FORM), size)]
    answer = fetch(app, "POST", "/site", body=body, headers=MULTIPART)
    assert (answer.status, answer.body) == (203, FORM)


def test_a_guard_refuses_by_a_form_before_the_mount_is_called() -> None:
    async def check(request: Any) -> Any:
        return ("no", 403) if (await request.form()).get("token") == "open" else None

    app = Fenrir(plugins=[Hooks(before=Call.of(check))])
    app.mount("/site", echo)
    assert fetch(app, "POST", "/site", body=FORM, headers=MULTIPART).status == 403


def test_a_body_that_no_step_reads_is_not_received_for_the_mount() -> None:
    async def greet(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})

    app = Fenrir()
    app.before_request(lambda: None)
    app.mount("/site", greet)

    async def main() -> str:
        return (await Exchange(app, "POST", "/site").finish()).text  # which never sends its body

    assert run(main()) == "hello"


# -------------------------------------------------------------------- mounts without guards


def guarded(app: Any) -> List[str]:
    """Register a guard and steps of each kind, and return the list in which they note that they ran."""
    log: List[str] = []
    app.before_request(lambda: log.append("flask"))
    app.on_request(lambda request: log.append("sanic"))
    app.after_request(lambda response: log.append("after") or response)
    app.teardown_request(lambda error: log.append("teardown"))
    return log


async def talk(scope: Any, receive: Any, send: Any) -> None:
    """Accept a WebSocket and close it, as an ASGI application."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4000})


@pytest.mark.parametrize("guards", [True, False])
@pytest.mark.parametrize("wsgi", [False, True], ids=["ASGI", "WSGI"])
def test_the_steps_of_the_app_run_for_a_mount_unless_it_is_mounted_without_them(guards: bool, wsgi: bool) -> None:
    app = Fenrir()
    log = guarded(app)
    if wsgi:
        app.mount_wsgi(wsgi_echo, prefix="/site", guards=guards)
    else:
        app.mount("/site", echo, guards=guards)
    app.get("/own")(lambda: "own")
    assert fetch(app, "POST", "/site", body=b"hello").text == "hello"
    assert set(log) == ({"flask", "sanic", "after", "teardown"} if guards else set())
    log.clear()
    fetch(app, "GET", "/own")
    assert set(log) == {"flask", "sanic", "after", "teardown"}


def test_a_websocket_of_a_mount_without_guards_has_none() -> None:
    app = Fenrir(plugins=[Hooks(before=Call.of(lambda connection: ("no", 403)))])
    app.mount("/guarded", talk)
    app.mount("/site", talk, guards=False)

    async def main() -> List[int]:
        sockets = [Socket(app, path) for path in ("/site", "/guarded")]
        for socket in sockets:
            await socket.finish()
        return [socket.close_code for socket in sockets]

    free, guarded = run(main())
    assert (free, guarded == 4000) == (4000, False)


def test_a_router_without_guards_is_mounted_as_the_app_that_it_is() -> None:
    router = fenrir_fastapi.APIRouter()
    router.get("/x")(lambda: "inner")
    app = Fenrir()
    log = guarded(app)
    app.mount("/site", router, guards=False)
    assert (fetch(app, "GET", "/site/x").status, log) == (200, [])


def test_what_is_no_asgi_app_is_not_mounted_without_guards() -> None:
    app = Fenrir()
    app.mount("/site", fenrir_flask.Blueprint("pages", __name__), guards=False)
    with pytest.raises(BuildError, match="guards=False"):
        app.build()


# -------------------------------------------------------------------- the response


def flask_after(app: Any, seen: List[Any]) -> None:
    @app.after_request
    def after(response: Any) -> Any:
        seen.append((response.status_code, response.headers.get("x-inner")))
        response.headers["x-outer"] = "2"
        return response


def sanic_after(app: Any, seen: List[Any]) -> None:
    @app.on_response
    async def after(request: Any, response: Any) -> None:
        seen.append((response.status, response.headers.get("x-inner")))
        response.headers["x-outer"] = "2"


@pytest.mark.parametrize("register", [flask_after, sanic_after])
@pytest.mark.parametrize("site", SITES)
def test_an_after_step_sees_and_changes_status_and_headers_of_the_application(
    site: Callable[[Any], None], register: Any
) -> None:
    app, seen = Fenrir(), []  # type: ignore[var-annotated]
    register(app, seen)
    site(app)
    answer = fetch(app, "POST", "/site", body=b"hello", headers={"host": "testserver"})
    assert (answer.status, answer.text, answer.headers["x-outer"], seen) == (203, "hello", "2", [(203, "1")])


def test_an_after_step_replaces_the_response_of_a_mount() -> None:
    app = Fenrir()

    @app.on_response
    async def after(request: Any, response: Any) -> Any:
        return fenrir_sanic.text("instead", 202)

    app.mount("/site", echo)
    answer = fetch(app, "POST", "/site", body=b"hello")
    assert (answer.status, answer.text, answer.complete) == (202, "instead", True)


def test_an_after_step_that_fails_answers_instead_of_the_mount() -> None:
    app = Fenrir()

    @app.on_response
    async def after(request: Any, response: Any) -> Any:
        raise LookupError

    app.exception_handler(LookupError)(lambda: ("lost", 404))
    app.mount("/site", echo)
    answer = fetch(app, "POST", "/site", body=b"hello")
    assert (answer.status, answer.text) == (404, "lost")


def test_messages_before_the_status_of_a_mount_are_passed_on() -> None:
    async def hint(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.early_hint", "links": [b"</app.js>"]})
        await echo(scope, receive, send)

    app = Fenrir()
    flask_after(app, [])
    app.mount("/site", hint)

    async def main() -> List[str]:
        exchange = Exchange(app, "GET", "/site")
        exchange.feed()
        await exchange.finish()
        return [message["type"].rpartition(".")[2] for message in exchange.sent]

    assert run(main()) == ["early_hint", "start", "body"]


def test_steps_keep_nothing_of_what_a_mount_streams() -> None:
    events: List[asyncio.Event] = []

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        events.append(asyncio.Event())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"1", "more_body": True})
        await events[0].wait()
        await send({"type": "http.response.body", "body": b"2"})

    app = Fenrir()
    flask_after(app, [])
    app.mount("/site", stream)

    async def main() -> List[bytes]:
        exchange = Exchange(app, "GET", "/site")
        exchange.feed()
        exchange.start()
        await exchange.until(lambda: len(exchange.sent) == 2)
        events[0].set()
        return (await exchange.finish()).chunks

    assert run(main()) == [b"1", b"2"]


@pytest.mark.parametrize("inner_name", ["hybrid", "fastapi"])
def test_teardown_steps_run_after_the_last_byte_of_a_mount(inner_name: str) -> None:
    order: List[str] = []
    inner: Any = Fenrir() if inner_name == "hybrid" else fenrir_fastapi.FastAPI()

    @inner.get("/x")
    async def serve() -> str:
        order.append("inner")
        return "hello"

    app = Fenrir()
    app.teardown_request(lambda error: order.append("teardown"))
    app.mount("/site", inner)
    assert (fetch(app, "GET", "/site/x").status, order) == (200, ["inner", "teardown"])


def test_hooks_are_told_which_route_is_a_mount() -> None:
    told: List[Any] = []

    class Plugin:
        @hookimpl
        def fenrir_route_hooks(self, route: Any) -> Any:
            told.append((route.methods, route.mount))
            return []

    app = Fenrir(plugins=[Plugin()])
    app.mount("/site", echo)
    app.build()
    found = [(methods, mount.prefix) for methods, mount in told if isinstance(mount, Mount)]
    assert found == [(("*",), "/site"), (("WEBSOCKET",), "/site")]


# -------------------------------------------------------------------- Falcon's middleware


def test_falcon_middleware_runs_around_a_mount_which_is_no_resource() -> None:
    log: List[Any] = []

    class Component:
        async def process_request(self, req: Any, resp: Any) -> None:
            log.append("request")

        async def process_resource(self, req: Any, resp: Any, resource: Any, params: Any) -> None:
            log.append("resource")

        async def process_response(self, req: Any, resp: Any, resource: Any, req_succeeded: bool) -> None:
            log.append((resp.status_code, resource, req_succeeded))
            resp.set_header("x-outer", "1")

    app: Any = fenrir_falcon.App(middleware=[Component()])
    app.mount("/site", echo)
    answer = fetch(app, "POST", "/site", body=b"hello")
    found = answer.status, answer.text, answer.headers["x-inner"], answer.headers["x-outer"]
    assert (found, log) == ((203, "hello", "1", "1"), ["request", (203, None, True)])
