"""falcon.testing: clients for both kinds of apps, made-up requests, WebSockets, event streams."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Iterable, List

import pytest

import fenrir_falcon as falcon
import fenrir_falcon.asgi
from fenrir_falcon import testing


class Sync:
    def on_get(self, req: Any, resp: Any) -> None:
        resp.media = {"env": "wsgi.input" in req.env, "agent": req.user_agent}

    def on_post(self, req: Any, resp: Any) -> None:
        resp.data = req.bounded_stream.read()
        resp.set_cookie("seen", "yes", max_age=5, same_site="Lax")


class Async:
    async def on_get(self, req: Any, resp: Any) -> None:
        resp.media = {"env": "wsgi.input" in req.scope, "agent": req.user_agent}

    async def on_post(self, req: Any, resp: Any) -> None:
        resp.data = await req.stream.read()
        resp.set_cookie("seen", "yes", max_age=5, same_site="Lax")


def make(is_asgi: bool) -> Any:
    app = fenrir_falcon.asgi.App() if is_asgi else falcon.App()
    app.add_route("/", Async() if is_asgi else Sync())
    return app


@pytest.mark.parametrize("is_asgi", [True, False])
def test_a_client_gives_status_headers_and_body(is_asgi: bool) -> None:
    result = testing.TestClient(make(is_asgi)).simulate_get("/")
    assert (result.status, result.status_code) == ("200 OK", 200)
    assert result.json == {"env": not is_asgi, "agent": "falcon-client/4.4.0"}
    assert result.headers["CONTENT-TYPE"] == "application/json"


@pytest.mark.parametrize("is_asgi", [True, False])
def test_a_body_and_cookies_go_both_ways(is_asgi: bool) -> None:
    result = testing.simulate_post(make(is_asgi), "/", body="héllo")
    assert result.text == "héllo"
    cookie = result.cookies["seen"]
    assert (cookie.value, cookie.max_age, cookie.same_site, cookie.secure) == ("yes", 5, "Lax", True)


@pytest.mark.parametrize("is_asgi", [True, False])
def test_requests_are_simulated_inside_of_a_running_loop(is_asgi: bool) -> None:
    async def main() -> int:
        return testing.simulate_get(make(is_asgi), "/").status_code

    assert asyncio.run(main()) == 200


def test_a_generator_that_is_a_wsgi_application_is_called_as_one() -> None:
    def app(environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("418 Short and stout", [("Content-Type", "text/plain")])
        yield environ["QUERY_STRING"].encode()

    result = testing.simulate_get(app, "/", params={"a": [1, 2], "b": True})
    assert (result.status, result.text) == ("418 Short and stout", "a=1&a=2&b=true")


@pytest.mark.parametrize("wrong", [{"path": "x"}, {"path": "/?a", "query_string": "b"}, {"query_string": "?a"}])
def test_what_can_be_no_request_is_an_error(wrong: Any) -> None:
    with pytest.raises(ValueError, match="path|query"):
        testing.simulate_request(make(True), **wrong)


def test_a_conductor_starts_and_stops_the_app_once() -> None:
    events: List[str] = []

    class Component:
        async def process_startup(self, scope: Any, event: Any) -> None:
            events.append("start")

        async def process_shutdown(self, scope: Any, event: Any) -> None:
            events.append("stop")

    app = make(True)
    app.add_middleware(Component())

    async def main() -> None:
        async with testing.ASGIConductor(app) as conductor:
            await conductor.simulate_get("/")
            await conductor.get("/")
            events.append("served")

    asyncio.run(main())
    assert events == ["start", "served", "stop"]


def test_a_conductor_refuses_a_wsgi_application() -> None:
    with pytest.raises(falcon.CompatibilityError):
        testing.ASGIConductor(falcon.App())


class Echo:
    async def on_websocket(self, req: Any, ws: Any) -> None:
        await ws.accept(subprotocol=ws.subprotocols[0] if ws.subprotocols else None)
        while True:
            await ws.send_media(await ws.receive_media())


def test_a_websocket_is_simulated() -> None:
    app = fenrir_falcon.asgi.App()
    app.add_route("/ws", Echo())

    async def main() -> Any:
        async with testing.ASGIConductor(app) as conductor, conductor.simulate_ws("/ws", subprotocols=["a"]) as ws:
            await ws.send_json({"x": 1})
            return ws.subprotocol, await ws.receive_json()

    assert asyncio.run(main()) == ("a", {"x": 1})


@pytest.mark.parametrize(
    ("path", "error", "code"),
    [
        ("/nowhere", falcon.WebSocketPathNotFound, 3404),
        ("/plain", falcon.WebSocketHandlerNotFound, 3405),
        ("/broken", falcon.WebSocketServerError, 1011),
        ("/forbidden", falcon.WebSocketDisconnected, 3403),
    ],
)
def test_a_websocket_that_nobody_serves_is_closed_with_falcons_code(path: str, error: Any, code: int) -> None:
    class Broken:
        async def on_websocket(self, req: Any, ws: Any) -> None:
            raise ValueError("broken")

    class Forbidden:
        async def on_websocket(self, req: Any, ws: Any) -> None:
            raise falcon.HTTPForbidden()

    app = fenrir_falcon.asgi.App()
    app.add_route("/plain", Async())
    app.add_route("/broken", Broken())
    app.add_route("/forbidden", Forbidden())

    async def main() -> None:
        async with testing.ASGIConductor(app) as conductor, conductor.simulate_ws(path):
            pass

    with pytest.raises(error) as caught:
        asyncio.run(main())
    assert caught.value.code == code


def test_an_event_stream_is_read_as_it_arrives() -> None:
    class Ticks:
        async def on_get(self, req: Any, resp: Any) -> None:
            async def ticks() -> Any:
                while True:
                    yield fenrir_falcon.asgi.SSEvent(text="tick")
                    await asyncio.sleep(0.001)

            resp.sse = ticks()

    app = fenrir_falcon.asgi.App()
    app.add_route("/", Ticks())

    async def main() -> str:
        async with testing.ASGIConductor(app) as conductor, conductor.simulate_get_stream("/") as result:
            text = ""
            while text.count("tick") < 3:
                text += (await result.stream.read()).decode()
            return text

    assert asyncio.run(main()).startswith("data: tick\n\ndata: tick\n\n")


@pytest.mark.parametrize("kind", [testing.SimpleTestResource, testing.SimpleTestResourceAsync])
def test_a_resource_keeps_what_it_was_called_with(kind: Any) -> None:
    resource = kind(status="201 Created", body="made", headers={"X-A": "1"})
    app = fenrir_falcon.asgi.App()
    app.add_route("/things/{name}", resource)
    result = testing.simulate_post(app, "/things/a", body="12345", headers={"capture-req-body-bytes": "3"})
    assert (result.status, result.text, result.headers["x-a"]) == ("201 Created", "made", "1")
    assert resource.captured_kwargs == {"name": "a"}
    assert resource.captured_req_body == b"123"


def test_requests_are_made_without_an_app() -> None:
    req = testing.create_req(path="/a b", query_string="x=1", headers={"Content-Type": "application/json"}, body="[1]")
    assert (req.path, req.get_param_as_int("x"), req.stream.read()) == ("/a b", 1, b"[1]")
    asgi = testing.create_asgi_req(body=b"[1]", headers={"Content-Type": "application/json"})
    assert asyncio.run(asgi.get_media()) == [1]
    assert isinstance(asgi, falcon.Request)


class Unittest(testing.TestCase):
    def runTest(self) -> None:
        self.app = make(False)
        assert self.simulate_get("/").status == falcon.HTTP_200


def test_a_test_case_is_a_client() -> None:
    result = Unittest().run()
    assert result is not None
    assert result.wasSuccessful()


@pytest.mark.parametrize(("limit", "is_noticed"), [(4, True), (0, False)])
def test_a_disconnect_is_noticed_where_messages_are_received_ahead(limit: int, is_noticed: bool) -> None:
    found: List[Any] = []

    class Quiet:
        async def on_websocket(self, req: Any, ws: Any) -> None:
            await ws.accept()
            for _ in range(20):
                await asyncio.sleep(0)
            found.append(ws.closed)

    app = fenrir_falcon.asgi.App()
    app.ws_options.max_receive_queue = limit
    app.add_route("/", Quiet())

    async def main() -> None:
        async with testing.ASGIConductor(app) as conductor:
            async with conductor.simulate_ws("/") as ws:
                await ws.close()

    asyncio.run(main())
    assert found == [is_noticed]


def test_messages_from_before_a_disconnect_are_received_in_order() -> None:
    found: List[Any] = []

    class Late:
        async def on_websocket(self, req: Any, ws: Any) -> None:
            await ws.accept()
            for _ in range(30):
                await asyncio.sleep(0)
            try:
                while True:
                    found.append(await ws.receive_text())
            except falcon.WebSocketDisconnected as error:
                found.append(error.code)

    app = fenrir_falcon.asgi.App()
    app.ws_options.max_receive_queue = 2
    app.add_route("/", Late())

    async def main() -> None:
        async with testing.ASGIConductor(app) as conductor:
            async with conductor.simulate_ws("/") as ws:
                for word in ("a", "b", "c", "d"):
                    await ws.send_text(word)
                await ws.close(4001)

    asyncio.run(main())
    assert found == ["a", "b", "c", "d", 4001]
