"""No header that an app sends can be split or forged."""

from __future__ import annotations

from typing import Any, Callable, Dict
from urllib.parse import unquote

import pytest
from tests.asgi import Socket, fetch, kernel_app, run

from fenrir_core import (
    EventSourceResponse,
    FileResponse,
    HTTPError,
    InvalidHeader,
    RedirectResponse,
    Request,
    Response,
    StreamingResponse,
    WebSocket,
)

EVIL = ["a\r\nset-cookie: admin=1", "a\nb", "a\rb", "a\0b"]


def with_header(evil: str) -> Response:
    return Response("secret", headers={"x-name": evil})


def with_header_set_later(evil: str) -> Response:
    response = Response("secret")
    response.headers["x-name"] = evil
    return response


def with_raw_header(evil: str) -> Response:
    response = Response("secret")
    response.raw_headers.append((b"x-name", evil.encode()))
    return response


def with_header_name(evil: str) -> Response:
    return Response("secret", headers={"x-" + evil: "value"})


def with_media_type(evil: str) -> Response:
    return Response("secret", media_type="text/" + evil)


def with_cookie_value(evil: str) -> Response:
    response = Response("secret")
    response.set_cookie("name", evil)
    return response


def with_cookie_path(evil: str) -> Response:
    response = Response("secret")
    response.set_cookie("name", "value", path="/" + evil)
    return response


def with_stream(evil: str) -> Response:
    return StreamingResponse(["secret"], headers={"x-name": evil})


def with_raw_stream(evil: str) -> Response:
    response = EventSourceResponse(["secret"])
    response.raw_headers.append((b"x-name", evil.encode()))
    return response


def with_tuple(evil: str) -> Any:
    return "secret", 200, {"x-name": evil}


def with_error(evil: str) -> Any:
    raise HTTPError(400, "secret", {"x-name": evil})


WAYS = [
    with_header,
    with_header_set_later,
    with_raw_header,
    with_header_name,
    with_media_type,
    with_cookie_path,
    with_stream,
    with_raw_stream,
    with_tuple,
    with_error,
]


@pytest.mark.parametrize("evil", EVIL, ids=repr)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_header_with_cr_lf_or_nul_is_a_500_and_nothing_of_the_answer_leaks(
    way: Callable[[str], Any], evil: str
) -> None:
    app = kernel_app()

    @app.get("/")
    async def answer() -> Any:
        return way(evil)

    answer_ = fetch(app)
    assert (answer_.status, answer_.text) == (500, '{"detail":"Internal Server Error"}')
    assert not any(character in value for _, value in answer_.headers.raw for character in (b"\r", b"\n", b"\0"))
    assert "x-name" not in answer_.headers and "set-cookie" not in answer_.headers


@pytest.mark.parametrize("evil", [*EVIL, "a\x1b[2J", "a\x7f"], ids=repr)
def test_a_redirect_has_what_can_not_be_in_a_url_percent_encoded(evil: str) -> None:
    location = RedirectResponse("/" + evil).headers["location"]
    assert unquote(location) == "/" + evil
    assert location.isascii() and location.isprintable() and " " not in location


@pytest.mark.parametrize("evil", ["a\x1b[2J", "a\x7f", "a\x01"], ids=repr)
def test_a_header_with_another_control_character_is_refused(evil: str) -> None:
    with pytest.raises(InvalidHeader, match="control character"):
        with_header(evil)


def test_a_header_may_have_tabs_and_letters_of_latin_1() -> None:
    assert with_header("a\tb \xa0\xe9").headers["x-name"] == "a\tb \xa0\xe9"


@pytest.mark.parametrize("evil", EVIL, ids=repr)
def test_a_cookie_value_can_not_split_the_header(evil: str) -> None:
    try:
        response = with_cookie_value(evil)
    except InvalidHeader:
        return
    value = response.headers["set-cookie"]
    assert not set(value) & set("\r\n\0")


@pytest.mark.parametrize("evil", EVIL, ids=repr)
def test_an_offered_file_name_can_not_split_the_header(evil: str, tmp_path: Any) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x")
    app = kernel_app()

    @app.get("/")
    async def answer() -> Any:
        return FileResponse(path, filename=evil, as_attachment=True)

    got = fetch(app)
    assert not any(character in value for _, value in got.headers.raw for character in (b"\r", b"\n", b"\0"))
    assert "set-cookie" not in got.headers


@pytest.mark.parametrize("evil", EVIL, ids=repr)
def test_an_error_handlers_bad_header_becomes_a_500(evil: str) -> None:
    app = kernel_app()

    @app.exception_handler(Exception)
    async def handle(request: Request, error: Exception) -> Any:
        response = Response("secret")
        response.raw_headers.append((b"x-name", evil.encode()))
        return response

    @app.get("/")
    async def fail() -> Any:
        raise ValueError("first")

    got = fetch(app)
    assert (got.status, type(got.error)) == (500, InvalidHeader)
    assert "secret" not in got.text


@pytest.mark.parametrize("evil", EVIL, ids=repr)
def test_a_header_of_a_websocket_handshake_can_not_be_split(evil: str) -> None:
    app = kernel_app()

    @app.websocket("/")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept(headers=[("x-name", evil)])

    async def scenario() -> Dict[str, Any]:
        socket = Socket(app)
        assert isinstance((await socket.finish()).error, InvalidHeader)
        return dict(socket.sent[0])

    assert run(scenario())["status"] == 500


@pytest.mark.parametrize("evil", EVIL, ids=repr)
def test_a_subprotocol_can_not_split_the_handshake(evil: str) -> None:
    app = kernel_app()

    @app.websocket("/")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept(subprotocol=evil)

    async def scenario() -> Dict[str, Any]:
        socket = Socket(app)
        assert isinstance((await socket.finish()).error, InvalidHeader)
        return dict(socket.sent[0])

    assert run(scenario())["type"] == "websocket.http.response.start"


@pytest.mark.parametrize("path", ["/x%0d%0aset-cookie:%20a=1/", "/x%0a/", "//evil.test/x/", "/\\evil.test/"])
def test_a_slash_redirect_can_not_be_made_to_split_or_to_leave_the_host(path: str) -> None:
    app = kernel_app()

    @app.get("/{rest:path}/end")
    async def answer() -> Any:
        return "x"

    @app.get("/{name}")
    async def named() -> Any:
        return "x"

    got = fetch(app, path=path)
    location = got.headers.get("location") or "/"
    assert not set(location) & set("\r\n\0")
    assert not location.startswith(("//", "/\\", "\\"))
