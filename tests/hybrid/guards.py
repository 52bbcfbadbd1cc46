"""The table of guards: whatever serves a path of a hybrid app, no guard is skipped.

A kind puts an endpoint at ``/site`` that responds with the secret; the tests put each guard in front of each kind, and
docs/guarantees.md shows the table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List, NamedTuple, Tuple

import fenrir_flask
import fenrir_sanic
from fenrir import Fenrir
from fenrir_core import Call, RouteHook, hookimpl
from fenrir_fastapi import APIRouter, FastAPI, WebSocket
from fenrir_fastapi.endpoints import HTTPEndpoint
from fenrir_fastapi.responses import PlainTextResponse
from fenrir_fastapi.routing import APIRoute, BaseRoute, Host, Match, Mount, Route, Router, WebSocketRoute
from fenrir_fastapi.staticfiles import StaticFiles
from fenrir_flask.views import MethodView
from fenrir_sanic.views import HTTPMethodView

SECRET = "secret"
Site = Callable[[Fenrir, Path], None]


class Kind(NamedTuple):
    """A way to serve ``/site``."""

    name: str
    site: Site
    is_websocket: bool = False


# -------------------------------------------------------------------- endpoints


async def raw(scope: Any, receive: Any, send: Any) -> None:
    """Send the secret, as an ASGI application."""
    if scope["type"] == "http":
        await PlainTextResponse(SECRET)(scope, receive, send)
        return
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": SECRET})


class RawEndpoint:
    """An ASGI application that is called in two steps."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        self.arguments = scope, receive, send

    def __await__(self) -> Any:
        return raw(*self.arguments).__await__()


class Calling(APIRoute):
    """A route class that calls the original handler."""

    def get_route_handler(self) -> Any:
        original = super().get_route_handler()

        async def handle(request: Any) -> Any:
            return await original(request)

        return handle


class Answering(APIRoute):
    """A route class that answers by itself."""

    def get_route_handler(self) -> Any:
        async def handle(request: Any) -> Any:
            return PlainTextResponse(SECRET)

        return handle


class Matching(APIRoute):
    """A route class with a match of its own."""

    def matches(self, scope: Any) -> Any:
        return super().matches(scope)


class Handling(APIRoute):
    """A route class that answers connections as an ASGI application."""

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        await raw(scope, receive, send)


class HandlingOn(APIRoute):
    """A route class whose `handle` calls the original one."""

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        await super().handle(scope, receive, send)


class Own(BaseRoute):
    """A kind of route that the framework knows nothing of."""

    def matches(self, scope: Any) -> Any:
        return (Match.FULL if scope["path"] == "/site" else Match.NONE), {}

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        await raw(scope, receive, send)


class Endpoint(HTTPEndpoint):
    async def get(self, request: Any) -> Any:
        return PlainTextResponse(SECRET)


class FlaskView(MethodView):
    def get(self) -> str:
        return SECRET


class SanicView(HTTPMethodView):
    async def get(self, request: Any) -> str:
        return SECRET


class Resource:
    async def on_get(self, req: Any, resp: Any) -> None:
        resp.text = SECRET


async def give_away(request: Any) -> Any:
    return PlainTextResponse(SECRET)


def wsgi(environ: Any, start_response: Any) -> List[bytes]:
    """Return the secret, as a WSGI application."""
    start_response("200 OK", [("content-type", "text/plain")])
    return [SECRET.encode()]


async def give_away_websocket(websocket: Any) -> None:
    await websocket.accept()
    await websocket.send_text(SECRET)


# -------------------------------------------------------------------- sites


def function(**options: Any) -> Site:
    def site(app: Fenrir, files: Path) -> None:
        @app.get("/site", **options)
        async def serve() -> str:
            return SECRET

    return site


def flask_view(app: Fenrir, files: Path) -> None:
    app.add_url_rule("/site", view_func=FlaskView.as_view("site"))


def sanic_view(app: Fenrir, files: Path) -> None:
    blueprint = fenrir_sanic.Blueprint("views")
    blueprint.add_route(SanicView.as_view(), "/site")
    app.blueprint(blueprint)


def resource(app: Fenrir, files: Path) -> None:
    app.add_route("/site", Resource())


def sink(app: Fenrir, files: Path) -> None:
    async def take_all(req: Any, resp: Any) -> None:
        resp.text = SECRET

    app.add_sink(take_all, "/site")


def static_route(app: Fenrir, files: Path) -> None:
    app.add_static_route("/", files)


def flask_blueprint(app: Fenrir, files: Path) -> None:
    blueprint = fenrir_flask.Blueprint("site", __name__)
    blueprint.route("/site")(lambda: SECRET)
    app.register_blueprint(blueprint)


def sanic_blueprint(app: Fenrir, files: Path) -> None:
    blueprint = fenrir_sanic.Blueprint("site")

    @blueprint.get("/site")
    async def serve(request: Any) -> str:
        return SECRET

    app.blueprint(blueprint)


def stream(app: Fenrir, files: Path) -> None:
    @app.get("/site")
    async def serve() -> AsyncIterator[str]:
        yield SECRET


def api_route(route_class: Any = APIRoute, **options: Any) -> Site:
    def site(app: Fenrir, files: Path) -> None:
        router = APIRouter(route_class=route_class)

        @router.get("/site", **options)
        async def serve() -> str:
            return SECRET

        app.include_router(router)

    return site


def routes(*items: Any) -> Site:
    return lambda app, files: app.include_router(APIRouter(routes=list(items)))


def mounted_router(app: Fenrir, files: Path) -> None:
    app.mount("", Router(routes=[Route("/site", give_away)]))


def mount(mounted: Any) -> Site:
    return lambda app, files: app.mount("", mounted)


def mounted_fenrir(app: Fenrir, files: Path) -> None:
    inner = Fenrir()
    inner.get("/site")(lambda: SECRET)
    app.mount("", inner)


def mounted_fastapi(app: Fenrir, files: Path) -> None:
    inner = FastAPI()
    inner.get("/site")(lambda: SECRET)
    app.mount("", inner)


def mounted_files(app: Fenrir, files: Path) -> None:
    app.mount("", StaticFiles(directory=files))


def mounted_wsgi(app: Fenrir, files: Path) -> None:
    app.mount_wsgi(wsgi, prefix="/")


def mounted_websocket(app: Fenrir, files: Path) -> None:
    inner = Fenrir()
    inner.websocket("/site")(give_away_websocket)
    app.mount("", inner)


def frontend(app: Fenrir, files: Path) -> None:
    app.frontend("/", directory=files)


def frontend_of_router(app: Fenrir, files: Path) -> None:
    router = APIRouter()
    router.frontend("/", directory=files)
    app.include_router(router)


def websocket(app: Fenrir, files: Path) -> None:
    app.websocket("/site")(give_away_websocket)


def api_websocket(app: Fenrir, files: Path) -> None:
    router = APIRouter()

    @router.websocket("/site")
    async def serve(websocket: WebSocket) -> None:
        await give_away_websocket(websocket)

    app.include_router(router)


KINDS: Tuple[Kind, ...] = (
    Kind("function", function()),
    Kind("function with a response model", function(response_model=str)),
    Kind("function with `status_code=201`", function(status_code=201)),
    Kind("stream", stream),
    Kind("Flask's `MethodView`", flask_view),
    Kind("Flask's blueprint", flask_blueprint),
    Kind("Falcon's resource", resource),
    Kind("Falcon's sink", sink),
    Kind("Falcon's static route", static_route),
    Kind("Sanic's `HTTPMethodView`", sanic_view),
    Kind("Sanic's blueprint", sanic_blueprint),
    Kind("`APIRouter`", api_route()),
    Kind("`APIRouter`, response model and status", api_route(response_model=str, status_code=201)),
    Kind("`get_route_handler` that calls the original", api_route(Calling)),
    Kind("`get_route_handler` that answers itself", api_route(Answering)),
    Kind("route class with its own `matches`", api_route(Matching)),
    Kind("route class whose `handle` answers itself", api_route(Handling)),
    Kind("route class whose `handle` calls the original", api_route(HandlingOn)),
    Kind("subclass of `BaseRoute`", routes(Own())),
    Kind("Starlette's `Route`", routes(Route("/site", give_away))),
    Kind("Starlette's `HTTPEndpoint`", routes(Route("/site", Endpoint))),
    Kind("ASGI class as endpoint", routes(Route("/site", RawEndpoint))),
    Kind("`Host`", routes(Host("testserver", raw))),
    Kind("`Mount(routes=…)` in a router", routes(Mount("", routes=[Route("/site", give_away)]))),
    Kind("mounted router", mounted_router),
    Kind("WebSocket handler", websocket, True),
    Kind("WebSocket of an `APIRouter`", api_websocket, True),
    Kind("Starlette's `WebSocketRoute`", routes(WebSocketRoute("/site", give_away_websocket)), True),
    Kind("ASGI class as WebSocket endpoint", routes(WebSocketRoute("/site", RawEndpoint)), True),
    Kind("WebSocket of a subclass of `BaseRoute`", routes(Own()), True),
    Kind("WebSocket of a `Host`", routes(Host("testserver", raw)), True),
    Kind("frontend", frontend),
    Kind("frontend of a router", frontend_of_router),
    Kind("mounted ASGI app", mount(raw)),
    Kind("mounted Fenrir app", mounted_fenrir),
    Kind("mounted `FastAPI`", mounted_fastapi),
    Kind("mounted `StaticFiles`", mounted_files),
    Kind("`mount_wsgi`", mounted_wsgi),
    Kind("`Mount` of an ASGI app in a router", routes(Mount("", raw))),
    Kind("mounted router with a default", mount(Router(default=raw))),
    Kind("WebSocket of a mounted ASGI app", mount(raw), True),
    Kind("WebSocket of a mounted Fenrir app", mounted_websocket, True),
)

# -------------------------------------------------------------------- guards


def before_request(app: Fenrir) -> None:
    @app.before_request
    def guard() -> Any:
        return "no", 401


def on_request(app: Fenrir) -> None:
    @app.on_request
    async def guard(request: Any) -> Any:
        return "no", 401


class Guard:
    """A plugin with a guard of every kind of connection."""

    @hookimpl
    def fenrir_route_hooks(self) -> Iterator[RouteHook]:
        def refuse(connection: Any) -> Any:
            return "no", 401

        both = frozenset({"http", "websocket"})
        yield RouteHook("guard", before=Call.of(refuse, nonblocking=True), order="inner", kinds=both)


def with_before_request() -> Fenrir:
    app = Fenrir()
    before_request(app)
    return app


def with_on_request() -> Fenrir:
    app = Fenrir()
    on_request(app)
    return app


GUARDS: Dict[str, Callable[[], Fenrir]] = {
    "`before_request`": with_before_request,
    "`on_request`": with_on_request,
    "`RouteHook`": lambda: Fenrir(plugins=[Guard()]),
}


def as_markdown() -> str:
    """Return the table as docs/guarantees.md has it."""
    lines = ["| | " + " | ".join(GUARDS) + " |", "| --- |" + " --- |" * len(GUARDS)]
    lines += [f"| {kind.name} |" + " yes |" * len(GUARDS) for kind in KINDS]
    return "\n".join(lines)
