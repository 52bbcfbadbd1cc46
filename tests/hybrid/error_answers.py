"""The table of error handlers: whatever raises, the app's error handler answers, by the rule of the app's class.

A kind puts an endpoint at ``/site`` that raises, in the application classes that have such endpoints;
docs/guarantees.md shows the table.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, NamedTuple

import fenrir_bottle
import fenrir_falcon
import fenrir_fastapi
import fenrir_flask
import fenrir_sanic
from fenrir import Fenrir
from fenrir_core import Call, RouteHook, hookimpl
from fenrir_fastapi.endpoints import HTTPEndpoint
from fenrir_fastapi.responses import PlainTextResponse
from fenrir_fastapi.routing import Route
from fenrir_flask.views import MethodView
from fenrir_sanic.views import HTTPMethodView

Site = Callable[[Any], Any]


class Fault(Exception):
    """What the endpoints raise."""


class Class(NamedTuple):
    """An application class with an error handler that answers 418."""

    make: Callable[..., Any]
    handle: Callable[[Any], Any]
    expected: str = "418 caught"


async def fastapi_handler(request: Any, error: Any) -> Any:
    return PlainTextResponse("caught", 418)


async def falcon_handler(req: Any, resp: Any, ex: Any, params: Any) -> None:
    resp.status, resp.text = 418, "caught"


CLASSES: Dict[str, Class] = {
    "Fenrir": Class(Fenrir, lambda app: app.exception_handler(Fault)(lambda: ("caught", 418))),
    "FastAPI": Class(fenrir_fastapi.FastAPI, lambda app: app.exception_handler(Fault)(fastapi_handler)),
    "Flask": Class(
        lambda **options: fenrir_flask.Flask(__name__, **options),
        lambda app: app.errorhandler(Fault)(lambda error: ("caught", 418)),
    ),
    "Falcon's App": Class(fenrir_falcon.App, lambda app: app.add_error_handler(Fault, falcon_handler)),
    "Sanic": Class(
        lambda **options: fenrir_sanic.Sanic("site", **options),
        lambda app: app.exception(Fault)(lambda request, error: fenrir_sanic.text("caught", 418)),
    ),
    # Bottle's error handlers are those of a status
    "Bottle": Class(fenrir_bottle.Bottle, lambda app: app.error(500)(lambda error: "caught"), "500 caught"),
}


def fail(*args: Any, **kwargs: Any) -> Any:
    raise Fault


async def fail_async(*args: Any, **kwargs: Any) -> Any:
    raise Fault


def without_parameters() -> Any:
    raise Fault


async def async_without_parameters() -> Any:
    raise Fault


def of_request(request: Any) -> Any:
    raise Fault


async def async_of_request(request: Any) -> Any:
    raise Fault


async def never(*args: Any) -> Any:
    raise AssertionError


async def unseen() -> Any:
    raise AssertionError


def generate() -> Iterator[str]:
    raise Fault
    yield ""


class Resource:
    async def on_get(self, req: Any, resp: Any) -> None:
        raise Fault

    async def on_websocket(self, req: Any, ws: Any) -> None:
        raise Fault


class Component:
    async def process_request(self, req: Any, resp: Any) -> None:
        raise Fault


class FlaskView(MethodView):
    get = fail


class SanicView(HTTPMethodView):
    get = fail_async


class Endpoint(HTTPEndpoint):
    get = fail_async


class Plugin:
    """A plugin whose guard raises."""

    @hookimpl
    def fenrir_route_hooks(self) -> Iterator[RouteHook]:
        yield RouteHook("guard", before=Call.of(of_request, nonblocking=True))


def route(endpoint: Any, **options: Any) -> Site:
    """Register an endpoint as every class but Falcon's and Sanic's does."""
    return lambda app: app.route("/site", **options)(endpoint)


def get(endpoint: Any) -> Site:
    return lambda app: app.get("/site")(endpoint)


def add_route(endpoint: Any) -> Site:
    return lambda app: app.add_route(endpoint, "/site")


def router(app: Any) -> None:
    part = fenrir_fastapi.APIRouter()
    part.get("/site")(without_parameters)
    app.include_router(part)


def mounted_router(app: Any) -> None:
    part = fenrir_fastapi.APIRouter()
    part.get("/site")(without_parameters)
    app.mount("", part)


def flask_blueprint(app: Any) -> None:
    part = fenrir_flask.Blueprint("part", __name__)
    part.route("/site")(without_parameters)
    app.register_blueprint(part)


def sanic_blueprint(app: Any) -> None:
    part = fenrir_sanic.Blueprint("part")
    part.add_route(async_of_request, "/site")
    app.blueprint(part)


def merged(app: Any) -> None:
    part = fenrir_bottle.Bottle()
    part.route("/site")(without_parameters)
    app.merge(part)


def dependency(app: Any) -> None:
    app.get("/site", dependencies=[fenrir_fastapi.Depends(without_parameters)])(unseen)


def asgi_endpoint(app: Any) -> None:
    async def serve(scope: Any, receive: Any, send: Any) -> None:
        raise Fault

    class Raw:
        def __init__(self, *arguments: Any) -> None:
            self.arguments = arguments

        def __await__(self) -> Any:
            return serve(*self.arguments).__await__()

    app.include_router(fenrir_fastapi.APIRouter(routes=[Route("/site", Raw)]))


def falcon_guard(app: Any) -> None:
    app.add_middleware(Component())
    app.add_route("/site", Resource())


def sanic_guard(app: Any) -> None:
    app.on_request(async_of_request)
    app.add_route(never, "/site")


def flask_guard(app: Any) -> None:
    app.before_request(without_parameters)
    app.route("/site")(unseen)


def bottle_guard(app: Any) -> None:
    app.add_hook("before_request", without_parameters)
    app.route("/site")(unseen)


def mounted_asgi(app: Any) -> None:
    app.mount("/site", fail_async)


def mounted_never(app: Any) -> None:
    app.mount("/site", never)


def mounted_wsgi(app: Any) -> None:
    app.mount_wsgi(fail, prefix="/site")


def websocket(app: Any) -> None:
    app.websocket("/site")(async_of_request)


def falcon_resource(app: Any) -> None:
    app.add_route("/site", Resource())


#: The kinds of what raises, with how it is registered, by the application classes that have it.
KINDS: Dict[str, Dict[str, Site]] = {
    "function": {
        "Fenrir": get(without_parameters),
        "FastAPI": get(without_parameters),
        "Flask": route(without_parameters),
        "Sanic": add_route(of_request),
        "Bottle": route(without_parameters),
    },
    "async function": {
        "Fenrir": get(async_without_parameters),
        "FastAPI": get(async_without_parameters),
        "Flask": route(async_without_parameters),
        "Sanic": add_route(async_of_request),
        "Bottle": route(async_without_parameters),
    },
    "resource, view class, `HTTPEndpoint`": {
        "Fenrir": falcon_resource,
        "FastAPI": lambda app: app.router.routes.append(Route("/site", Endpoint)),
        "Flask": lambda app: app.add_url_rule("/site", view_func=FlaskView.as_view("site")),
        "Falcon's App": falcon_resource,
        "Sanic": add_route(SanicView.as_view()),
    },
    "included router, blueprint, merged app": {
        "Fenrir": router,
        "FastAPI": router,
        "Flask": flask_blueprint,
        "Sanic": sanic_blueprint,
        "Bottle": merged,
    },
    "dependency": {"Fenrir": dependency, "FastAPI": dependency},
    "generator, before its first item": {
        "Fenrir": get(generate),
        "Flask": route(generate),
        "Bottle": route(generate),
    },
    "ASGI class as endpoint": {"Fenrir": asgi_endpoint, "FastAPI": asgi_endpoint},
    "`before_request`, request middleware": {
        "Fenrir": flask_guard,
        "Flask": flask_guard,
        "Falcon's App": falcon_guard,
        "Sanic": sanic_guard,
        "Bottle": bottle_guard,
    },
    "`RouteHook(before=…)` of a plugin": dict.fromkeys(CLASSES, mounted_never),
    "mounted ASGI app": dict.fromkeys(CLASSES, mounted_asgi),
    "mounted router": {"Fenrir": mounted_router, "FastAPI": mounted_router},
    "`mount_wsgi`": {"Fenrir": mounted_wsgi, "Bottle": mounted_wsgi},
    "WebSocket, before it is accepted": {
        "Fenrir": websocket,
        "Falcon's App": falcon_resource,
    },
}
PLUGIN_KIND, WEBSOCKET_KIND = "`RouteHook(before=…)` of a plugin", "WebSocket, before it is accepted"
CELLS = [(kind, name) for kind, sites in KINDS.items() for name in CLASSES if name in sites]


def make_app(kind: str, name: str) -> Any:
    """Return an app of a class with an endpoint that raises at ``/site``, and the error handler."""
    plugins: List[Any] = [Plugin()] if kind == PLUGIN_KIND else []
    app = CLASSES[name].make(plugins=plugins)
    CLASSES[name].handle(app)
    KINDS[kind][name](app)
    return app


def as_markdown() -> str:
    """Return the table as docs/guarantees.md has it."""
    lines = ["| | " + " | ".join(CLASSES) + " |", "| --- |" + " --- |" * len(CLASSES)]
    for kind, sites in KINDS.items():
        lines.append(f"| {kind} |" + "".join(" yes |" if name in sites else " |" for name in CLASSES))
    return "\n".join(lines)
