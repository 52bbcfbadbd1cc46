"""Registration of the routes that serve static folders."""

from __future__ import annotations

import os
from typing import Callable, Iterator, Optional

from fenrir_core import Build, FileResponse, Route, nonblocking
from fenrir_core.authoring import send_from_directory

from ..state import State


def static_routes(build: Build) -> Iterator[Route]:
    """Return the routes that serve the static folders of the hybrid app and its blueprints."""
    app = build.app
    folder = app.settings["static_folder"]
    if folder is not None:
        yield static_route(os.path.join(app.root_path, folder), app.settings["static_url_path"], "", "static")
    for name, blueprint in app.store(State).blueprints.items():
        if blueprint.static_folder is not None:
            prefix = app.store(State).prefixes.get(name, "")
            yield static_route(blueprint.static_folder, blueprint.static_url_path, prefix, f"{name}.static")


def static_route(folder: str, url_path: Optional[str], prefix: str, name: str) -> Route:
    """Return the route that serves a static folder."""
    if url_path is None:
        url_path = "/" + os.path.basename(folder.rstrip("/\\"))
    return Route(f"{prefix}{url_path.rstrip('/')}/<path:filename>", file_server(folder), ("GET",), name, where=folder)


def file_server(folder: str) -> Callable[[str], FileResponse]:
    """Return the endpoint that serves the files of a folder."""

    @nonblocking
    def static(filename: str) -> FileResponse:
        return send_from_directory(folder, filename)

    return static
