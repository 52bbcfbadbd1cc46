"""The attributes of a request's span, and when it ends."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator

import pytest
from opentelemetry.trace import SpanKind, StatusCode
from tests.plugins.otel.traced_apps import PARADIGMS, written_in

from fenrir import Fenrir
from fenrir_core import HTTPError, StreamingResponse, WebSocket
from fenrir_core.testing import Client, Refused

# ---------------------------------------------------------------- names and attributes


@pytest.mark.parametrize("paradigm", PARADIGMS)
def test_a_span_is_named_by_the_route_template_of_any_paradigm(paradigm: str, telemetry: Any, ask: Any) -> None:
    ask(written_in(paradigm, **telemetry.settings), "GET /items/7", "GET /nowhere", "POST /items/7")
    assert telemetry.names == ["GET /items/{item_id}", "GET", "POST"]
    assert [span.attributes.get("http.route") for span in telemetry.spans] == ["/items/{item_id}", None, None]
    assert [span.attributes["http.response.status_code"] for span in telemetry.spans] == [200, 404, 405]


def test_a_span_has_what_the_semantic_conventions_ask_for(telemetry: Any, ask: Any) -> None:
    headers = {"host": "example.org:8443", "user-agent": "curl/8"}
    ask(written_in("fenrir", **telemetry.settings), "GET /items/7?secret=1", headers=headers)
    span = telemetry.span
    assert (span.kind, span.status.status_code) == (SpanKind.SERVER, StatusCode.UNSET)
    assert dict(span.attributes) == {
        "http.request.method": "GET",
        "http.route": "/items/{item_id}",
        "http.response.status_code": 200,
        "url.path": "/items/7",
        "url.scheme": "http",
        "server.address": "example.org",
        "server.port": 8443,
        "client.address": "127.0.0.1",
        "user_agent.original": "curl/8",
        "network.protocol.version": "1.1",
    }
    assert span.instrumentation_scope.name == "fenrir"


@pytest.mark.parametrize(
    ("host", "address", "port"),
    [
        ("example.org", "example.org", 80),
        ("[::1]:81", "::1", 81),
        ("[::1]", "::1", 80),
    ],
)
def test_address_and_port_are_those_that_the_client_asked_for(
    host: str, address: str, port: int, telemetry: Any, ask: Any
) -> None:
    ask(written_in("fenrir", **telemetry.settings), "GET /items/7", headers={"host": host})
    found = telemetry.span.attributes
    assert (found["server.address"], found["server.port"]) == (address, port)


def test_a_derived_head_has_the_route_of_its_get(telemetry: Any, ask: Any) -> None:
    ask(written_in("fenrir", **telemetry.settings), "HEAD /items/7")
    assert telemetry.names == ["HEAD /items/{item_id}"]


def test_a_method_that_nobody_knows_is_no_name(telemetry: Any, ask: Any) -> None:
    ask(written_in("fenrir", **telemetry.settings), "BREW /items/7")
    found = telemetry.span.attributes
    assert telemetry.names == ["HTTP"]
    assert (found["http.request.method"], found["http.request.method_original"]) == ("_OTHER", "BREW")


def test_the_route_of_a_mounted_app_begins_with_its_prefix_and_is_one_span(telemetry: Any, ask: Any) -> None:
    app = Fenrir(**telemetry.settings)
    app.mount("/shop", written_in("fastapi", **telemetry.settings))
    ask(app, "GET /shop/items/7", "GET /shop/nowhere")
    assert telemetry.names == ["GET /shop/items/{item_id}", "GET /shop/*"]


def test_a_foreign_app_is_named_by_its_mount(telemetry: Any, ask: Any) -> None:
    async def foreign(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = Fenrir(**telemetry.settings)
    app.mount("/legacy", foreign)
    ask(app, "GET /legacy/a/b")
    assert telemetry.names == ["GET /legacy/*"]


# ---------------------------------------------------------------- errors


def failing(error: Exception, **settings: Any) -> Fenrir:
    app = Fenrir(**settings)

    @app.get("/")
    async def fail() -> None:
        raise error

    return app


def test_a_crash_is_recorded_and_fails_the_span(telemetry: Any, ask: Any) -> None:
    ask(failing(LookupError("no rex"), **telemetry.settings), "GET /")
    span = telemetry.span
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "no rex")
    assert (span.attributes["error.type"], span.attributes["http.response.status_code"]) == ("LookupError", 500)
    (event,) = span.events
    assert event.attributes["exception.message"] == "no rex"
    assert "in fail" in event.attributes["exception.stacktrace"]


@pytest.mark.parametrize("paradigm", PARADIGMS)
def test_a_crash_is_recorded_in_any_paradigm(paradigm: str, telemetry: Any, ask: Any) -> None:
    ask(written_in(paradigm, **telemetry.settings), "GET /fail")
    found = telemetry.span.attributes
    assert (found["http.route"], found["error.type"]) == ("/fail", "LookupError")
    assert [event.name for event in telemetry.span.events] == ["exception"]


def test_a_crash_of_fastapi_middleware_is_recorded(telemetry: Any) -> None:
    app = written_in("fastapi", **telemetry.settings)

    @app.middleware("http")
    async def crash(request: Any, call_next: Any) -> Any:
        raise LookupError("outside the kernel")

    async def run() -> None:
        async with Client(app) as client:
            with pytest.raises(LookupError):
                await client.get("/items/7")

    asyncio.run(run())
    found = telemetry.span.attributes
    assert (found["error.type"], found["http.response.status_code"]) == ("LookupError", 500)


def test_a_client_error_is_no_failure_of_the_server(telemetry: Any, ask: Any) -> None:
    ask(failing(HTTPError(404), **telemetry.settings), "GET /")
    assert telemetry.span.status.status_code is StatusCode.UNSET
    assert "error.type" not in telemetry.span.attributes and not telemetry.span.events


def test_a_server_error_on_purpose_is_named_by_its_status(telemetry: Any, ask: Any) -> None:
    ask(failing(HTTPError(503), **telemetry.settings), "GET /")
    span = telemetry.span
    assert (span.status.status_code, span.attributes["error.type"]) == (StatusCode.ERROR, "503")
    assert not span.events


def test_an_exception_that_a_handler_answers_well_is_no_failure(telemetry: Any, ask: Any) -> None:
    app = failing(LookupError("no rex"), **telemetry.settings)

    @app.exception_handler(LookupError)
    async def lost(request: Any, error: Any) -> Any:
        return "lost", 404

    ask(app, "GET /")
    assert telemetry.span.status.status_code is StatusCode.UNSET and not telemetry.span.events


# ---------------------------------------------------------------- streams and WebSockets


def test_the_span_of_a_stream_ends_with_its_last_byte_and_before_background_work(telemetry: Any, ask: Any) -> None:
    app, ended = Fenrir(**telemetry.settings), []

    @app.get("/")
    async def stream() -> Any:
        async def items() -> AsyncIterator[str]:
            yield "a"
            ended.append(len(telemetry.spans))
            yield "b"

        async def background() -> None:
            ended.append(len(telemetry.spans))

        response = StreamingResponse(items())
        response.background = background
        return response

    assert ask(app, "GET /")[0].text == "ab"
    assert ended == [0, 1]


def test_a_stream_that_breaks_fails_the_span_though_its_status_was_fine(telemetry: Any, ask: Any) -> None:
    app = Fenrir(**telemetry.settings)

    @app.get("/")
    async def stream() -> AsyncIterator[str]:
        yield "a"
        raise LookupError("in the middle")

    with pytest.raises(LookupError):
        ask(app, "GET /")
    span = telemetry.span
    assert (span.attributes["http.response.status_code"], span.attributes["error.type"]) == (200, "LookupError")
    assert span.status.status_code is StatusCode.ERROR


def test_the_span_of_a_stream_ends_when_the_client_leaves(telemetry: Any) -> None:
    app = Fenrir(**telemetry.settings)

    @app.get("/")
    async def stream() -> AsyncIterator[str]:
        while True:
            yield "a"
            await asyncio.sleep(0)

    async def run() -> None:
        async with Client(app) as client:
            async with client.stream("GET", "/") as answer:
                assert answer.status == 200

    asyncio.run(run())
    assert telemetry.names == ["GET /"]
    assert telemetry.span.status.status_code is StatusCode.UNSET


def websockets(**settings: Any) -> Fenrir:
    app = Fenrir(**settings)

    @app.websocket("/rooms/{room}")
    async def enter(websocket: WebSocket, room: str) -> None:
        if room == "closed":
            raise HTTPError(403)
        await websocket.accept()
        if room == "broken":
            raise LookupError("no room")
        await websocket.send_text(await websocket.receive_text())

    return app


def test_a_websocket_is_a_span_to_its_end(telemetry: Any) -> None:
    async def run() -> None:
        async with Client(websockets(**telemetry.settings)) as client:
            async with client.websocket("/rooms/1") as session:
                assert telemetry.spans == []
                await session.send("hello")
                assert await session.receive() == "hello"

    asyncio.run(run())
    span = telemetry.span
    assert span.name == "GET /rooms/{room}"
    assert (span.attributes["url.scheme"], span.attributes["http.response.status_code"]) == ("ws", 101)
    assert telemetry.durations() == {}


def test_a_websocket_that_breaks_fails_its_span(telemetry: Any) -> None:
    async def run() -> None:
        async with Client(websockets(**telemetry.settings), raise_errors=False) as client:
            async with client.websocket("/rooms/broken"):
                pass

    asyncio.run(run())
    assert telemetry.span.attributes["error.type"] == "LookupError"
    assert telemetry.span.status.status_code is StatusCode.ERROR


def test_a_refused_websocket_has_the_status_of_its_refusal(telemetry: Any) -> None:
    async def run() -> None:
        async with Client(websockets(**telemetry.settings)) as client:
            for path in ("/rooms/closed", "/nowhere"):
                with pytest.raises(Refused):
                    async with client.websocket(path):
                        pass

    asyncio.run(run())
    statuses = [(span.name, span.attributes["http.response.status_code"]) for span in telemetry.spans]
    assert statuses == [("GET /rooms/{room}", 403), ("GET", 404)]
