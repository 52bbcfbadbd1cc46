"""The routes that serve the document and its pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterator, Mapping, Set

from fenrir_core import Build, FileResponse, HTMLResponse, NotFound, Request, Response, Route, quick

from ..resolve import OWN
from . import docs
from .document import encoded


def own_routes(build: Build) -> Iterator[Route]:
    """Give the routes of document and pages, but not where the app's author has a route."""
    settings = build.settings
    document_url = settings["openapi_url"]
    if not document_url:
        return
    taken = {route.path for route in build.routes if "GET" in route.methods}
    pages = [url for url in (settings["docs_url"], settings["openapi_docs_url"]) if url and url not in taken]
    if document_url not in taken:
        yield _route(document_url, document, "openapi")
    files = docs.assets()
    for url in dict.fromkeys(pages):
        yield _route(url, _page(document_url, f"{pages[0]}/assets", bool(files)), "swagger_ui_html")
    if pages and files:
        yield from _asset_routes(f"{pages[0]}/assets", files, taken)


def _route(path: str, endpoint: Any, name: str) -> Route:
    return Route(path, endpoint, ("GET",), name, options={"include_in_schema": False}, where=OWN)


def _asset_routes(prefix: str, files: Mapping[str, Path], taken: Set[str]) -> Iterator[Route]:
    for name, file in files.items():
        if f"{prefix}/{name}" not in taken:
            yield _route(f"{prefix}/{name}", _asset(file, docs.media_type(name)), f"swagger_ui_{name}")


@quick
def document(request: Request) -> Response:
    """Serve the OpenAPI document."""
    return Response(encoded(request.app), 200, None, "application/json")


def _page(document_url: str, assets_url: str, has_assets: bool) -> Any:
    @quick
    def page(request: Request) -> Response:
        """Serve the page that shows the document."""
        app, root = request.app, request.root_path.rstrip("/")
        if not has_assets:
            return HTMLResponse(docs.plain_page(app.openapi()))
        settings: Dict[str, Any] = app.settings
        text = docs.swagger_page(
            settings["title"], root + document_url, root + assets_url, settings["swagger_ui_parameters"]
        )
        return HTMLResponse(text)

    return page


def _asset(file: Path, media_type: str) -> Any:
    @quick
    def asset(request: Request) -> Response:
        """Serve a file of Swagger UI."""
        if not file.is_file():
            raise NotFound()
        return FileResponse(str(file), media_type=media_type, headers={"cache-control": "public, max-age=86400"})

    return asset
