"""A synchronous app answers a WSGI server as it answers a server of ASGI, with middleware and without."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Callable, Dict, List, Tuple

import pytest

import fenrir_falcon as falcon
from fenrir_core import Call, JSONResponse, RouteHook, hookimpl
from fenrir_core.authoring import current
from fenrir_core.testing import SyncClient
from fenrir_falcon import testing

Answer = Tuple[int, List[Tuple[str, str]], bytes]
Respond = Callable[..., None]


def by_wsgi(app: Any, method: str, path: str, headers: Dict[str, str], body: bytes = b"") -> Answer:
    start = testing.StartResponseMock()
    path, _, query = path.partition("?")
    environ = testing.create_environ(path, query, method=method, headers=headers, body=body)
    content = b"".join(testing.closed_wsgi_iterable(app(environ, start)))
    return int((start.status or "")[:3]), sorted((name.lower(), value) for name, value in start.headers or ()), content


def by_asgi(app: Any, method: str, path: str, headers: Dict[str, str], body: bytes = b"") -> Answer:
    with SyncClient(app, raise_errors=False) as client:
        answer = client.request(method, path, headers=headers, body=body)
    return answer.status, sorted(answer.headers.items()), answer.body


class Refused(Exception):
    pass


def handle_refused(req: Any, resp: Any, ex: Refused, params: Dict[str, Any]) -> None:
    resp.status, resp.media = "418 I'm a teapot", {"refused": str(ex), "params": params}


class Outer:
    def process_request(self, req: Any, resp: Any) -> None:
        if req.get_header("X-Complete"):
            resp.text, resp.complete = "early", True
        if req.get_header("X-Move"):
            req.path = req.get_header("X-Move")
        if req.get_header("X-Fail") == "request":
            raise Refused("request")

    def process_response(self, req: Any, resp: Any, resource: object, succeeded: bool) -> None:
        resp.set_header("X-Outer", f"{type(resource).__name__} {succeeded}")


class Inner:
    def process_resource(self, req: Any, resp: Any, resource: object, params: Dict[str, Any]) -> None:
        params["added"] = len(params)
        if req.get_header("X-Fail") == "resource":
            raise falcon.HTTPForbidden(title="no")

    def process_response(self, req: Any, resp: Any, resource: object, succeeded: bool) -> None:
        resp.append_header("X-Inner", str(succeeded))
        if req.get_header("X-Fail") == "response":
            raise Refused("response")


class Things:
    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def on_get(self, req: Any, resp: Any, **params: Any) -> None:
        self.respond(req, resp, **params)


class Named:
    def on_get(self, req: Any, resp: Any, first: int, second: str) -> None:
        resp.media = [first, second, req.uri_template]

    def on_post(self, req: Any, resp: Any, first: int, second: str) -> None:
        resp.media = {"body": req.get_media(), "type": req.content_type, "method": req.method}

    def on_delete(self, req: Any, resp: Any, first: int, second: str) -> None:
        resp.status = falcon.HTTP_204


def _add(req: Any, resp: Any, resource: object, params: Dict[str, Any]) -> None:
    params["more"] = 1


class Hooked:
    @falcon.before(_add)
    def on_get(self, req: Any, resp: Any, more: int) -> None:
        resp.media = more


def raise_http(req: Any, resp: Any, **params: Any) -> None:
    resp.text = "lost"
    raise falcon.HTTPConflict(title="busy", headers={"X-Why": "busy"})


def raise_refused(req: Any, resp: Any, **params: Any) -> None:
    raise Refused("responder")


def raise_status(req: Any, resp: Any, **params: Any) -> None:
    raise falcon.HTTPStatus(202, text="later")


def raise_redirect(req: Any, resp: Any, **params: Any) -> None:
    raise falcon.HTTPFound("/elsewhere")


def raise_other(req: Any, resp: Any, **params: Any) -> None:
    raise ZeroDivisionError


def set_text(req: Any, resp: Any, **params: Any) -> None:
    resp.text, resp.content_type = "täxt", "text/plain; charset=utf-8"
    resp.set_header("X-Latin", "caf\xe9")
    resp.content_length = 3


def set_cookie(req: Any, resp: Any, **params: Any) -> None:
    resp.media = {"context": req.context.get("nothing"), "query": req.params, "cookies": req.cookies}
    resp.set_cookie("a", "b")
    resp.append_link("/next", rel="next")


def set_data(req: Any, resp: Any, **params: Any) -> None:
    resp.data, resp.status = b"\x00\x01", 201


def set_odd_media(req: Any, resp: Any, **params: Any) -> None:
    resp.media = object()


def set_other_media(req: Any, resp: Any, **params: Any) -> None:
    resp.content_type, resp.media = "application/x-www-form-urlencoded", {"a": 1}


def set_stream(req: Any, resp: Any, **params: Any) -> None:
    resp.set_stream(iter([b"one", b"two"]), 6)


def tell_the_connection(req: Any, resp: Any, **params: Any) -> None:
    resp.media = current.get() is req._connection


def tell_nothing(req: Any, resp: Any, **params: Any) -> None:
    pass


RESPONDERS = {
    item.__name__: item
    for item in (
        raise_http, raise_refused, raise_status, raise_redirect, raise_other, set_text, set_cookie, set_data,
        set_odd_media, set_other_media, set_stream, tell_the_connection, tell_nothing,
    )
}  # fmt: skip


def make(with_middleware: bool, **options: Any) -> falcon.App:
    app = falcon.App(middleware=[Outer(), Inner()] if with_middleware else None, **options)
    app.add_error_handler(Refused, handle_refused)
    for name, respond in RESPONDERS.items():
        app.add_route(f"/{name}/{{key}}", Things(respond))
    app.add_route("/named/{first:int}/{second}", Named())
    app.add_route("/hooked", Hooked())
    return app


@lru_cache(maxsize=None)
def apps(with_middleware: bool) -> Tuple[falcon.App, falcon.App]:
    return make(with_middleware), make(with_middleware)


def _same(with_middleware: bool, *request: Any) -> None:
    for_wsgi, for_asgi = apps(with_middleware)
    assert by_wsgi(for_wsgi, *request) == by_asgi(for_asgi, *request)


@pytest.mark.parametrize("with_middleware", [False, True])
@pytest.mark.parametrize("name", list(RESPONDERS))
def test_a_responder_is_answered_as_by_asgi(name: str, with_middleware: bool) -> None:
    _same(with_middleware, "GET", f"/{name}/7", {"Cookie": "c=d"})


@pytest.mark.parametrize("with_middleware", [False, True])
@pytest.mark.parametrize(
    "request_",
    [
        ("GET", "/named/7/x", {}),
        ("GET", "/named/seven/x", {}),
        ("GET", "/hooked", {}),
        ("POST", "/named/7/x", {"Content-Type": "application/json"}, b'{"a": [1]}'),
        ("POST", "/named/7/x", {"Content-Type": "application/json"}, b'{"a'),
        ("POST", "/named/7/x", {"Content-Type": "text/plain"}, b"x"),
        ("DELETE", "/named/7/x", {}),
        ("HEAD", "/named/7/x", {}),
        ("PUT", "/named/7/x", {}),
        ("OPTIONS", "/named/7/x", {}),
        ("GET", "/nowhere", {}),
        ("GET", "/set_cookie/7?a=1&a=2&b=", {"Accept": "text/xml"}),
        ("GET", "/raise_http/7", {"Accept": "application/xml"}),
        ("GET", "/set_text/7", {"Host": "not a host"}),
        ("POST", "/named/7/x", {"Transfer-Encoding": "chunked", "Content-Length": "3"}, b"abc"),
    ],
)
def test_a_request_is_answered_as_by_asgi(request_: Tuple[Any, ...], with_middleware: bool) -> None:
    _same(with_middleware, *request_)


@pytest.mark.parametrize("path", ["/set_text/7", "/raise_http/7", "/set_stream/7", "/nowhere"])
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Complete": "1"},
        {"X-Move": "/set_data/1"},
        {"X-Fail": "request"},
        {"X-Fail": "resource"},
        {"X-Fail": "response"},
    ],
)
def test_components_have_the_same_effect_as_by_asgi(headers: Dict[str, str], path: str) -> None:
    _same(True, "GET", path, headers)


@pytest.mark.parametrize(
    ("options", "headers", "body"),
    [
        ({"max_header_size": 100}, {"X-Long": "x" * 101}, b""),
        ({"max_headers": 2}, {"X-1": "1", "X-2": "2", "X-3": "3"}, b""),
        ({"max_body": 4}, {"Content-Type": "application/json"}, b'{"a": 1}'),
    ],
)
def test_what_is_over_a_limit_is_refused(options: Dict[str, int], headers: Dict[str, str], body: bytes) -> None:
    method = "POST" if body else "GET"
    found = by_wsgi(make(False, **options), method, "/named/7/x", headers, body)
    assert found[0] == (413 if body else 431)


class Stamp:
    """A plugin with a step for every route."""

    @hookimpl
    def fenrir_route_hooks(self, route: Any, build: Any) -> List[RouteHook]:
        def before(connection: Any) -> Any:
            return JSONResponse({"stopped": True}) if "stop" in connection.scope["query_string"].decode() else None

        def after(connection: Any, response: Any) -> None:
            response.headers["x-stamp"] = "1"

        return [RouteHook("stamp", Call(before, "inline"), Call(after, "inline"))]


@pytest.mark.parametrize("with_middleware", [False, True])
@pytest.mark.parametrize("path", ["/set_text/7", "/set_text/7?stop=1", "/raise_http/7"])
def test_the_steps_of_plugins_run(path: str, with_middleware: bool) -> None:
    found = by_wsgi(make(with_middleware, plugins=[Stamp()]), "GET", path, {})
    assert ("x-stamp", "1") in found[1]
    assert found == by_asgi(make(with_middleware, plugins=[Stamp()]), "GET", path, {})
