"""Apps of every class that tell which URLs they would give for a request, and redirect with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, Tuple
from urllib.parse import urlsplit
from wsgiref.util import request_uri

import fenrir_bottle
import fenrir_falcon
import fenrir_fastapi
import fenrir_flask
import fenrir_sanic
from fenrir_core import App, Fenrir, Request, WebSocket
from fenrir_fastapi.datastructures import URL
from fenrir_fastapi.middleware.httpsredirect import HTTPSRedirectMiddleware
from fenrir_fastapi.staticfiles import StaticFiles

Texts = Dict[str, str]


def texts(owner: Any, names: str) -> Texts:
    """Return attributes as text, by name."""
    return {name: str(getattr(owner, name)) for name in names.split()}


# ------------------------------------------------------------ what each paradigm's request says


def of_kernel(request: Any) -> Texts:
    return texts(request, "host")


def of_starlette(connection: Any) -> Texts:
    url = connection.url
    return {
        **texts(connection, "url base_url"),
        **{f"url.{name}": text for name, text in texts(url, "path netloc hostname port query fragment").items()},
        "url.replace": str(url.replace(query="a=b")),
        "url.include_query_params": str(url.include_query_params(a="b")),
        "URL(scope)": str(URL(scope=connection.scope)),
        "url_for": str(connection.url_for("secret")),
    }


def of_flask() -> Texts:
    return {
        **texts(fenrir_flask.request, "url host base_url host_url url_root root_url full_path"),
        "url_for": fenrir_flask.url_for("secret", _external=True),
    }


def of_falcon(req: Any) -> Texts:
    return texts(req, "url uri prefix netloc host port subdomain relative_uri")


def of_sanic(request: Any) -> Texts:
    return texts(request, "url host server_name server_port")


def of_bottle() -> Texts:
    request: Any = fenrir_bottle.request
    return {**texts(request, "url urlparts fullpath"), "environ": request_uri(request.environ)}


class Resource:
    """A resource that answers with what its request says."""

    async def on_get(self, req: Any, resp: Any) -> None:
        resp.media = of_falcon(req)

    async def on_websocket(self, req: Any, ws: Any) -> None:
        await ws.accept()
        await ws.send_media(of_falcon(req))


# ------------------------------------------------------------ apps with GET /secret


def kernel_in(app: Any) -> None:
    @app.get("/secret")
    async def secret(request: Request) -> Any:
        return of_kernel(request)


def fastapi_in(app: Any) -> None:
    @app.get("/secret")
    async def secret(request: fenrir_fastapi.Request) -> Any:
        return of_starlette(request)


def flask_in(app: Any) -> None:
    @app.get("/secret")
    def secret() -> Any:
        return of_flask()


def falcon_in(app: Any) -> None:
    app.add_route("/secret", Resource())


def sanic_in(app: Any) -> None:
    @app.get("/secret")
    async def secret(request: fenrir_sanic.Request) -> Any:
        return fenrir_sanic.json(of_sanic(request))


def bottle_in(app: Any) -> None:
    @app.get("/secret")
    def secret() -> Any:
        return of_bottle()


def bottle_in_hybrid(app: Any) -> None:
    @app.get("/secret")
    async def secret(request: Request) -> Any:
        await request.body()  # `environ` has it
        return of_bottle()


def made(make: Callable[[], Any], *fill: Callable[[Any], None]) -> Callable[[], Any]:
    """Return a function that makes an app and registers its routes."""

    def build() -> Any:
        app = make()
        for function in fill:
            function(app)
        return app

    return build


def kernel() -> Any:
    return App(paradigms=(), autoload=False)


#: The classes of apps, by name.
CLASSES: Dict[str, Callable[[], Any]] = {
    "kernel": kernel,
    "fastapi": fenrir_fastapi.FastAPI,
    "flask": lambda: fenrir_flask.Flask(__name__),
    "falcon": fenrir_falcon.App,
    "sanic": lambda: fenrir_sanic.Sanic("hosts"),
    "bottle": fenrir_bottle.Bottle,
}
SECRETS = {
    "kernel": kernel_in, "fastapi": fastapi_in, "flask": flask_in, "falcon": falcon_in, "sanic": sanic_in,
    "bottle": bottle_in,
}  # fmt: skip
#: What makes an app whose `/secret` says which URLs it gives; pure and in the hybrid app.
URL_APPS = {
    **{name: made(CLASSES[name], fill) for name, fill in SECRETS.items()},
    **{f"{name} in the hybrid app": made(Fenrir, fill) for name, fill in SECRETS.items()},
    "bottle in the hybrid app": made(Fenrir, bottle_in_hybrid),
}


# ------------------------------------------------------------ apps with a WebSocket at /secret


def kernel_socket_in(app: Any) -> None:
    @app.websocket("/secret")
    async def secret(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json(of_kernel(websocket))


def fastapi_socket_in(app: Any) -> None:
    @app.websocket("/secret")
    async def secret(websocket: fenrir_fastapi.WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json(of_starlette(websocket))


def sanic_socket_in(app: Any) -> None:
    @app.websocket("/secret")
    async def secret(request: Any, ws: Any) -> None:
        await ws.send(fenrir_sanic.json(of_sanic(request)).body)


#: What makes an app whose WebSocket at `/secret` says which URLs it gives.
SOCKET_APPS = {
    "kernel": made(kernel, kernel_socket_in),
    "fastapi": made(fenrir_fastapi.FastAPI, fastapi_socket_in),
    "fastapi in the hybrid app": made(Fenrir, fastapi_socket_in),
    "falcon": made(fenrir_falcon.App, falcon_in),
    "falcon in the hybrid app": made(Fenrir, falcon_in),
    "sanic": made(CLASSES["sanic"], sanic_socket_in),
}


# ------------------------------------------------------------ apps that redirect


def slashed(app: Any) -> None:
    app.get("/there")(lambda: "there")


def to_https(app: Any) -> None:
    app.add_middleware(HTTPSRedirectMiddleware)


def flask_redirect(app: Any) -> None:
    flask_in(app)
    app.get("/there/")(lambda: fenrir_flask.redirect(fenrir_flask.url_for("secret", _external=True)))


def bottle_redirect(app: Any) -> None:
    app.get("/there/")(lambda: fenrir_bottle.redirect("/secret"))


def static_in(folder: Path) -> Callable[[Any], None]:
    """Return what mounts a folder in which `/static/there/` is a page."""
    (folder / "there").mkdir()
    (folder / "there" / "index.html").write_text("there")

    def fill(app: Any) -> None:
        app.mount("/static", StaticFiles(directory=folder, html=True))

    return fill


#: What makes an app that redirects, and the path where it does.
REDIRECTS: Dict[str, Tuple[Callable[[], Any], str]] = {
    "slash, kernel": (made(kernel, slashed), "/there/"),
    "slash, fastapi": (made(fenrir_fastapi.FastAPI, slashed), "/there/"),
    "slash, flask": (made(CLASSES["flask"], lambda app: app.get("/there/")(lambda: "there")), "/there"),
    "slash, hybrid": (made(Fenrir, slashed), "/there/"),
    "https, fastapi": (made(fenrir_fastapi.FastAPI, to_https), "/there"),
    "https, hybrid": (made(Fenrir, to_https), "/there"),
    "flask.redirect": (made(CLASSES["flask"], flask_redirect), "/there/"),
    "flask.redirect in the hybrid app": (made(Fenrir, flask_redirect), "/there/"),
    "bottle.redirect": (made(fenrir_bottle.Bottle, bottle_redirect), "/there/"),
    "bottle.redirect in the hybrid app": (made(Fenrir, bottle_redirect), "/there/"),
}


# ------------------------------------------------------------ apps with a guard on the URL's path


def fastapi_guard(app: Any) -> None:
    @app.middleware("http")
    async def guard(request: Any, call_next: Any) -> Any:
        if request.url.path.startswith("/secret"):
            return fenrir_fastapi.Response("no", 403)
        return await call_next(request)


def flask_guard(app: Any) -> None:
    @app.before_request
    def guard() -> Any:
        if urlsplit(fenrir_flask.request.url).path.startswith("/secret"):
            fenrir_flask.abort(403)


#: What makes an app that refuses its `/secret`.
GUARDED = {
    "fastapi": made(fenrir_fastapi.FastAPI, fastapi_guard, fastapi_in),
    "flask": made(CLASSES["flask"], flask_guard, flask_in),
    "fastapi in the hybrid app": made(Fenrir, flask_guard, fastapi_in),
}
