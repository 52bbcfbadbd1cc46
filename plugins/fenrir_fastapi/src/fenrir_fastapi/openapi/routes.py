"""The routes that serve the document and its pages."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Iterator, Mapping

from fenrir_core import Build, FileResponse, HTMLResponse, NotFound, Request, Response, Route, nonblocking
from fenrir_core.authoring import CSP_NONCE

from ..encoders import dumps
from ..parameters.resolution import OWN
from ..starlette.routing import REQUEST_ONLY
from ..starlette.types import Values
from . import docs
from .document import encoded


def own_routes(build: Build) -> Iterator[Route]:
    """Return the routes of document and pages, except at paths where the app's author has a route."""
    settings = build.settings
    document_url = settings["openapi_url"]
    if not document_url:
        return
    taken = {route.path for route in build.routes if "GET" in route.methods}
    docs_urls = [settings[name] for name in ("docs_url", "openapi_docs_url") if settings[name]]
    redirect = settings["swagger_ui_oauth2_redirect_url"]
    swagger = f"{(docs_urls or ['/docs'])[0]}/{docs.SWAGGER_ASSETS}"
    redoc_url = settings["redoc_url"]
    redoc = f"{redoc_url or '/redoc'}/{docs.REDOC_ASSETS}"
    swagger_files, redoc_files = docs.assets(), docs.redoc_assets()
    found = [_route(document_url, document, "openapi")]
    found += [_route(url, _swagger_page(swagger, bool(swagger_files)), "swagger_ui_html") for url in docs_urls]
    if docs_urls and redirect:
        found.append(_route(redirect, oauth2_redirect, "swagger_ui_redirect"))
    if redoc_url:
        found.append(_route(redoc_url, _redoc_page(redoc, swagger, bool(redoc_files)), "redoc_html"))
    found += [*_asset_routes(swagger, swagger_files), *_asset_routes(redoc, redoc_files)]
    for route in found:
        if route.path not in taken:
            taken.add(route.path)
            yield route


def _route(path: str, endpoint: Any, name: str) -> Route:
    options = {"include_in_schema": False, REQUEST_ONLY: True}
    return Route(path, endpoint, ("GET", "HEAD"), name, options=options, where=OWN)


def _asset_routes(prefix: str, files: Mapping[str, Path]) -> Iterator[Route]:
    for name, file in files.items():
        yield _route(f"{prefix}/{name}", _asset(file, docs.media_type(name)), f"swagger_ui_{name}")


@nonblocking
def document(request: Request) -> Response:
    """Serve the OpenAPI document; behind a proxy its first server is the proxy's prefix."""
    app: Any = request.app
    root = request.root_path.rstrip("/")
    if root and getattr(app, "root_path_in_servers", app.paradigm == "fastapi"):
        found = app.openapi()
        servers = found.get("servers", [])
        if root not in [server.get("url") for server in servers]:
            found = {**found, "servers": [{"url": root}, *servers]}
            return Response(dumps(found), 200, None, "application/json")
    return Response(encoded(app), 200, None, "application/json")


#: What the pages need, where the app sends security headers: their files, and their own inline script. ReDoc searches
#: in a worker, the pages show pictures of descriptions, and "Try it out" may ask another server.
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: https:; font-src 'self' data:; connect-src *; worker-src blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)


def _nonce(request: Request) -> str:
    """Return the nonce of a page's script; "" where no middleware sends security headers."""
    make = request.scope.get(CSP_NONCE)
    return str(make()) if make is not None else ""


def _allowed(page: Response, nonce: str, opener: str = "same-origin-allow-popups") -> Response:
    """Return a page with a policy that it works under: scripts of its own, and the window of an OAuth2 flow."""
    if nonce:
        page.headers["content-security-policy"] = _POLICY.format(nonce=nonce)
        page.headers["x-frame-options"] = "SAMEORIGIN"
        page.headers["cross-origin-opener-policy"] = opener
    return page


@nonblocking
def oauth2_redirect(request: Request) -> Response:
    """Serve the page to which OAuth2 flows redirect; it reaches the window that opened it."""
    nonce = _nonce(request)
    return _allowed(docs.get_swagger_ui_oauth2_redirect_html(nonce), nonce, "unsafe-none")


#: Makes a function once, so that a late build finds the route compiled.
_once = lru_cache(maxsize=64)


@_once
def _swagger_page(assets_url: str, has_assets: bool) -> Any:
    @nonblocking
    def serve(request: Request) -> Response:
        """Serve the page that shows the document."""
        app: Any = request.app
        root = request.root_path.rstrip("/")
        if not has_assets:
            return HTMLResponse(docs.plain_page(app.openapi()))
        settings: Values = app.settings
        redirect = settings["swagger_ui_oauth2_redirect_url"]
        nonce = _nonce(request)
        page = docs.get_swagger_ui_html(
            openapi_url=root + settings["openapi_url"],
            title=f"{settings['title']} - Swagger UI",
            swagger_js_url=f"{root}{assets_url}/swagger-ui-bundle.js",
            swagger_css_url=f"{root}{assets_url}/swagger-ui.css",
            swagger_favicon_url=f"{root}{assets_url}/favicon-32x32.png",
            oauth2_redirect_url=root + redirect if redirect else None,
            init_oauth=settings["swagger_ui_init_oauth"],
            swagger_ui_parameters=settings["swagger_ui_parameters"],
            nonce=nonce,
        )
        return _allowed(page, nonce)

    return serve


@_once
def _redoc_page(assets_url: str, icons_url: str, has_assets: bool) -> Any:
    @nonblocking
    def serve(request: Request) -> Response:
        """Serve the page that shows the document with ReDoc."""
        app: Any = request.app
        root = request.root_path.rstrip("/")
        if not has_assets:
            return HTMLResponse(docs.plain_page(app.openapi(), "redoc@2"))
        page = docs.get_redoc_html(
            openapi_url=root + app.settings["openapi_url"],
            title=f"{app.settings['title']} - ReDoc",
            redoc_js_url=f"{root}{assets_url}/redoc.standalone.js",
            redoc_favicon_url=f"{root}{icons_url}/favicon-32x32.png",
        )
        return _allowed(page, _nonce(request))

    return serve


@_once
def _asset(file: Path, media_type: str) -> Any:
    @nonblocking
    def asset(request: Request) -> Response:
        """Serve a file of the pages."""
        if not file.is_file():
            raise NotFound()
        return FileResponse(str(file), media_type=media_type, headers={"cache-control": "public, max-age=86400"})

    return asset
