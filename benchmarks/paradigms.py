"""The features of each paradigm: what it is used for, beside the framework that it comes from.

Handlers are coroutine functions if the framework supports them; Flask's are synchronous.
"""

# mypy: ignore-errors
from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from . import websockets
from .cases import ORDER, Answer, Case, NoApp, WrongAnswer
from .contestants import Contestant, version_of
from .handwritten import _answer

#: The directory of the templates, the lines that one shows, and below the chunks of a stream.
TEMPLATES = str(Path(__file__).resolve().parent / "templates")
LINES = ORDER["lines"]
_RENDERED = "<ul><li>chain: 2</li><li>ribbon: 40</li><li>anchor: 1</li></ul>"
_CHUNK = "x" * 63 + "\n"
_SENT = json.dumps(ORDER).encode()
_HEADERS = (
    *((b"host", b"bench.test"), (b"accept", b"*/*"), (b"user-agent", b"bench")),
    (b"content-type", b"application/json"),
    (b"content-length", b"%d" % len(_SENT)),
)


class MarkedCase(Case):
    """A case whose response has the header that a response middleware sets."""

    def check(self, answer: Answer) -> None:
        """Compare the response, and check the header."""
        super().check(answer)
        if answer.headers.get("x-marked") != "yes":
            raise WrongAnswer(f"{self.name}: the response middleware's header is missing")


CASES: Tuple[Case, ...] = (
    Case("flask", "GET", "/flask", {"q": "wolf", "user": "fenris"}, query=b"q=wolf"),
    Case("flask template", "GET", "/page", _RENDERED),
    Case("falcon get", "GET", "/thing/42", {"thing": "42", "limit": 10}, query=b"limit=10"),
    Case("falcon post", "POST", "/thing", {"customer": "fenris", "lines": 3}, headers=_HEADERS, body=_SENT),
    MarkedCase("sanic", "GET", "/sanic", {"user": "fenris"}),
    Case("wsgi", "GET", "/legacy/hello", "Hello, world", threads=True),
    Case("wsgi flask", "GET", "/legacy/hello", "Hello, world", threads=True),
    Case("wsgi bottle", "GET", "/legacy/hello", "Hello, world", threads=True),
    Case("stream", "GET", "/stream", _CHUNK * 100),
    websockets.CASE,
)


# ------------------------------------------------------------------------------ hand-written


def _hand_json(value: Callable[[Any, bytes], Any], *extra: Tuple[bytes, bytes]) -> Any:
    async def app(scope, receive, send):
        message = await receive() if scope["method"] == "POST" else {}
        body = json.dumps(value(scope, message.get("body", b""))).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *extra]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def _hand_flask(scope: Any, _: bytes) -> Any:
    from urllib.parse import parse_qs

    return {"q": parse_qs(scope["query_string"].decode())["q"][0], "user": "fenris"}


def _hand_falcon_get(scope: Any, _: bytes) -> Any:
    from urllib.parse import parse_qs

    thing = scope["path"].split("/")[2]
    return {"thing": thing, "limit": int(parse_qs(scope["query_string"].decode())["limit"][0])}


def _hand_falcon_post(_: Any, body: bytes) -> Any:
    order = json.loads(body)
    return {"customer": order["customer"], "lines": len(order["lines"])}


def _hand_template() -> Any:
    import jinja2

    loader = jinja2.FileSystemLoader(TEMPLATES)
    template = jinja2.Environment(loader=loader, autoescape=True).get_template("page.html")

    async def app(scope, receive, send):
        await _answer(send, template.render(lines=LINES).encode(), b"text/html; charset=utf-8")

    return app


def _hand_text() -> Any:
    async def app(scope, receive, send):
        text = "Hello, world"  # a handler's str, which is encoded for each response
        await _answer(send, text.encode(), b"text/plain; charset=utf-8")

    return app


def _hand_stream() -> Any:
    async def chunks():
        for _ in range(100):
            yield _CHUNK

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        async for chunk in chunks():
            await send({"type": "http.response.body", "body": chunk.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


# ------------------------------------------------------------------------------ Flask's and Quart's own work


def _flask_views(app: Any, tools: Any, is_async: bool, awaits_template: bool) -> Any:
    """Register the two pages; `tools` is the module with Flask's names."""
    g, request = tools.g, tools.request
    if not is_async:

        @app.before_request
        def load():
            g.user = "fenris"

        @app.route("/flask")
        def view():
            return tools.jsonify(q=request.args["q"], user=g.user)

        @app.route("/page")
        def page():
            return tools.render_template("page.html", lines=LINES)

        return app

    @app.before_request
    async def load_soon():
        g.user = "fenris"

    @app.route("/flask")
    async def view_soon():
        return tools.jsonify(q=request.args["q"], user=g.user)

    @app.route("/page")
    async def page_soon():
        text = tools.render_template("page.html", lines=LINES)
        return await text if awaits_template else text

    return app


def _fenrir_flask() -> Any:
    import fenrir_flask

    return _flask_views(fenrir_flask.Flask("bench", template_folder=TEMPLATES), fenrir_flask, True, False)


def _quart() -> Any:
    import quart

    return _flask_views(quart.Quart("bench", template_folder=TEMPLATES), quart, True, True)


def _flask() -> Any:
    import flask

    return _flask_views(flask.Flask("bench", template_folder=TEMPLATES), flask, False, False)


# ------------------------------------------------------------------------------ Falcon's


class _Thing:
    async def on_get(self, req, resp, thing_id):
        resp.media = {"thing": thing_id, "limit": req.get_param_as_int("limit")}


class _Things:
    async def on_post(self, req, resp):
        order = await req.get_media()
        resp.media = {"customer": order["customer"], "lines": len(order["lines"])}


def _falcon_routes(app: Any) -> Any:
    app.add_route("/thing/{thing_id}", _Thing())
    app.add_route("/thing", _Things())
    return app


def _fenrir_falcon() -> Any:
    import fenrir_falcon.asgi

    return _falcon_routes(fenrir_falcon.asgi.App())


def _falcon() -> Any:
    import falcon.asgi

    return _falcon_routes(falcon.asgi.App())


# ------------------------------------------------------------------------------ Sanic's


def _sanic_routes(app: Any, respond: Any) -> Any:
    @app.on_request
    async def identify(request):
        request.ctx.user = "fenris"

    @app.on_response
    async def mark(request, response):
        response.headers["x-marked"] = "yes"

    @app.get("/sanic")
    async def view(request):
        return respond({"user": request.ctx.user})

    return app


def _fenrir_sanic() -> Any:
    from fenrir_sanic import Sanic
    from fenrir_sanic.response import json as respond

    return _sanic_routes(Sanic("bench"), respond)


def _sanic() -> Any:
    from .peers import sanic as peer

    return _sanic_routes(peer.new_app(), peer.json)


# ------------------------------------------------------------------------------ WSGI apps and streams


def plain_wsgi(environ: Any, start_response: Any) -> List[bytes]:
    """A minimal WSGI app."""
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "12")])
    return [b"Hello, world"]


def _wsgi_flask() -> Any:
    from flask import Flask

    app = Flask("legacy")
    app.add_url_rule("/hello", "hello", lambda: ("Hello, world", 200, {"Content-Type": "text/plain; charset=utf-8"}))
    return app


def _wsgi_bottle() -> Any:
    from bottle import Bottle

    app = Bottle()
    app.route("/hello", callback=lambda: "Hello, world")
    return app


_WSGI_APPS = {"wsgi": lambda: plain_wsgi, "wsgi flask": _wsgi_flask, "wsgi bottle": _wsgi_bottle}


def _fenrir_wsgi(name: str) -> Any:
    from fenrir import Fenrir

    app = Fenrir()
    app.mount_wsgi("/legacy", _WSGI_APPS[name]())
    return app


def _a2wsgi(name: str) -> Any:
    from a2wsgi import WSGIMiddleware

    inner = WSGIMiddleware(_WSGI_APPS[name]())

    async def mounted(scope, receive, send):
        if scope["type"] == "lifespan":
            raise NotImplementedError
        await inner({**scope, "root_path": "/legacy"}, receive, send)

    return mounted


async def chunks():
    """Return the streamed chunks."""
    for _ in range(100):
        yield _CHUNK


def _fenrir_stream() -> Any:
    from fenrir import Fenrir, StreamingResponse

    app = Fenrir()

    @app.get("/stream")
    async def stream():
        return StreamingResponse(chunks(), media_type="text/plain")

    return app


def _starlette_stream() -> Any:
    from starlette.applications import Starlette
    from starlette.responses import StreamingResponse
    from starlette.routing import Route

    async def stream(request):
        return StreamingResponse(chunks(), media_type="text/plain")

    return Starlette(routes=[Route("/stream", stream)])


_Makers = Dict[str, Callable[[], Any]]


def _by_name(make: Callable[[str], Any]) -> _Makers:
    return {name: (lambda name=name: make(name)) for name in _WSGI_APPS}


_HAND: _Makers = {
    "flask": lambda: _hand_json(_hand_flask),
    "flask template": _hand_template,
    "falcon get": lambda: _hand_json(_hand_falcon_get),
    "falcon post": lambda: _hand_json(_hand_falcon_post),
    "sanic": lambda: _hand_json(lambda scope, body: {"user": "fenris"}, (b"x-marked", b"yes")),
    **dict.fromkeys(_WSGI_APPS, _hand_text),
    "stream": _hand_stream,
    "websocket": lambda: websockets.hand,
}
_OTHERS: Dict[str, Tuple[str, bool, _Makers]] = {
    "fenrir": (
        "fenrir-core",
        False,
        {
            "flask": _fenrir_flask,
            "flask template": _fenrir_flask,
            "falcon get": _fenrir_falcon,
            "falcon post": _fenrir_falcon,
            "sanic": _fenrir_sanic,
            **_by_name(_fenrir_wsgi),
            "stream": _fenrir_stream,
        },
    ),
    "flask": ("flask", True, {"flask": _flask, "flask template": _flask}),
    "quart": ("quart", False, {"flask": _quart, "flask template": _quart}),
    "falcon": ("falcon", False, {"falcon get": _falcon, "falcon post": _falcon}),
    "sanic": ("sanic", False, {"sanic": _sanic}),
    "a2wsgi": ("a2wsgi", False, _by_name(_a2wsgi)),
    "starlette": ("starlette", False, {"stream": _starlette_stream}),
    "fenrir_fastapi.FastAPI": ("fenrir-fastapi", False, {}),
    "fastapi": ("fastapi", False, {}),
    "blacksheep": ("blacksheep", False, {}),
    "litestar": ("litestar", False, {}),
}
HANDWRITTEN = Contestant("hand-written", lambda case: _HAND[case.name]())
_OWN = ("fenrir", "fenrir_fastapi.FastAPI")


def contestants(peers: Optional[Sequence[str]]) -> List[Contestant]:
    """Return Fenrir and, of the wanted peers, those with a paradigm's features."""

    def maker(makers: _Makers) -> Callable[[Case], Any]:
        def make(case: Case) -> Any:
            if case.name not in makers:
                raise NoApp(case.name)
            return makers[case.name]()

        return make

    wanted = {*_OWN, *(peers or ()), *(["a2wsgi"] if peers and "flask_a2wsgi" in peers else [])}
    found = []
    for name, (distribution, wsgi, makers) in _OTHERS.items():
        if name in wanted:
            all_makers = {**makers, **({"websocket": websockets.MAKERS[name]} if name in websockets.MAKERS else {})}
            found.append(Contestant(name, maker(all_makers), wsgi, version_of(distribution), name in _OWN))
    return sorted(found, key=lambda contestant: not contestant.own)
