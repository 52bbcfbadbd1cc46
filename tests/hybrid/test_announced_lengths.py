"""A `Content-Length` that is no number (RFC 9110, section 8.6) is refused wherever it is read, and is never a 500."""

from __future__ import annotations

import io
from typing import Any, Callable, Dict, List

import pytest
from tests.asgi import Answer, fetch
from tests.plugins.wsgi import wsgi_calls
from tests.plugins.wsgi.mounted_apps import mounted, recorder, talk

import fenrir_bottle
import fenrir_falcon
import fenrir_flask
from fenrir import Fenrir
from fenrir_core import Request, Response
from fenrir_core.authoring import parse_digits

#: A length that is over any limit.
ENDLESS = "9" * 5000
#: What `int()` or `str.isdigit()` would take, and RFC 9110 does not.
WRONG = ("²", "+5", "-1", " 5 ", "5_0", "5, 5", "0x5", "5.0", "", ENDLESS)


@pytest.mark.parametrize("text", WRONG, ids=lambda text: repr(text[:5]))
def test_only_ascii_digits_are_a_number(text: str) -> None:
    assert parse_digits(text) is None


def test_digits_are_read_and_what_is_missing_is_no_number() -> None:
    assert [parse_digits(text) for text in ("0", "5", "007", "9" * 19, None)] == [0, 5, 7, 10**19 - 1, None]


def _flask(kind: Callable[[], Any]) -> Any:
    app = kind()
    app.add_url_rule("/", "length", lambda: repr(fenrir_flask.request.content_length), methods=["POST"])
    return app


def _bottle(kind: Callable[[], Any]) -> Any:
    app = kind()
    app.post("/")(lambda: repr(fenrir_bottle.request.content_length))
    return app


class _Lengths:
    async def on_post(self, req: Any, resp: Any) -> None:
        resp.text = repr(req.content_length)


def _falcon(kind: Callable[[], Any]) -> Any:
    app = kind()
    app.add_route("/", _Lengths())
    return app


#: Apps that answer with the length that they read.
APPS: Dict[str, Callable[[], Any]] = {
    "flask": lambda: _flask(lambda: fenrir_flask.Flask(__name__)),
    "flask in the hybrid app": lambda: _flask(Fenrir),
    "bottle": lambda: _bottle(fenrir_bottle.Bottle),
    "bottle in the hybrid app": lambda: _bottle(lambda: Fenrir(paradigms=["bottle"])),
    "falcon": lambda: _falcon(fenrir_falcon.App),
    "falcon in the hybrid app": lambda: _falcon(lambda: Fenrir(paradigms=["falcon"])),
}


def _sent(app: Any, length: str, body: Any = b"") -> Answer:
    return fetch(app, "POST", headers={"content-length": length}, body=body)


@pytest.mark.parametrize("name", APPS)
@pytest.mark.parametrize("length", [text for text in WRONG if text and text != ENDLESS], ids=lambda text: text[:5])
def test_a_wrong_length_is_none_or_a_400(name: str, length: str) -> None:
    expected = {"flask": (200, "None"), "bottle": (200, "-1"), "falcon": (400, "")}[name.split()[0]]
    answer = _sent(APPS[name](), length)
    assert (answer.status, answer.text if answer.status == 200 else "") == expected


@pytest.mark.parametrize("name", APPS)
def test_an_endless_length_is_over_the_limit(name: str) -> None:
    assert _sent(APPS[name](), ENDLESS).status == 413


@pytest.mark.parametrize("name", APPS)
def test_a_right_length_is_read(name: str) -> None:
    assert _sent(APPS[name](), "5", b"12345").text == "5"


@pytest.mark.parametrize("length", ["²", "5_0", "-1"])
@pytest.mark.parametrize("kind", [fenrir_bottle.Bottle, Fenrir])
def test_an_upload_with_a_wrong_length_has_none(kind: Any, length: str) -> None:
    app = kind()

    @app.post("/")
    def read() -> str:
        return repr(fenrir_bottle.request.files["up"].content_length)

    part = f'Content-Disposition: form-data; name="up"; filename="x"\r\nContent-Length: {length}\r\n\r\nabc'
    body = f"--b\r\n{part}\r\n--b--\r\n".encode("latin-1")
    headers = {"content-type": "multipart/form-data; boundary=b", "content-length": str(len(body))}
    assert fetch(app, "POST", headers=headers, body=body).text == "-1"


def test_a_response_of_flask_with_a_wrong_length_has_none() -> None:
    response = fenrir_flask.Response("text")
    response.headers["content-length"] = "²"
    assert response.content_length is None


# ---------------------------------------------------------------- the bridge to WSGI


@pytest.mark.parametrize("length", ["²", "+5", "5_0"])
def test_a_mounted_wsgi_application_is_not_given_a_wrong_length(length: str) -> None:
    seen: Dict[str, Any] = {}
    headers = [(b"content-length", length.encode("latin-1"))]
    messages: List[Dict[str, Any]] = [{"type": "http.request", "body": b"1", "more_body": True}]
    scope = {"path": "/legacy/x", "method": "POST", "headers": headers}
    talk(mounted(recorder(seen)), scope, [*messages, {"type": "http.request", "body": b"2", "more_body": False}])
    assert "CONTENT_LENGTH" not in seen


async def _length_of_body(request: Request) -> Response:
    return Response(str(len(await request.body())))


@pytest.mark.parametrize("name", ["CONTENT_LENGTH", "REMOTE_PORT", "SERVER_PORT"])
@pytest.mark.parametrize(("terminated", "expected"), [(False, b"0"), (True, b"5")], ids=["by length", "to the end"])
def test_a_wsgi_server_may_pass_a_wrong_number(name: str, terminated: bool, expected: bytes) -> None:
    app = Fenrir()
    app.route("/", ("POST",))(_length_of_body)
    more = {"wsgi.input_terminated": terminated, "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": "", name: "²"}
    answer = wsgi_calls.ask(app, "/", "POST", io.BytesIO(b"12345"), check=False, **more)
    assert (answer.status, answer.body) == ("200 OK", expected)
