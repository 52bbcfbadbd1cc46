"""One app with all five paradigms: the hybrid one, each pure class mounted under its prefix."""

from __future__ import annotations

from typing import Any

from fenrir_fastapi.staticfiles import StaticFiles

from .bottle_site import bottle_site
from .falcon_site import falcon_site
from .fastapi_site import fastapi_site, parameters
from .flask_site import flask_site
from .sanic_site import sanic_site
from .sites import PUBLIC, bare, hybrid

#: The prefix of each application class; the hybrid one has none.
PREFIXES = {"hybrid": "", "fastapi": "/fa", "flask": "/fl", "falcon": "/fc", "sanic": "/sa", "bottle": "/bo"}


def make_app() -> Any:
    """Return the app that the whole table is tried on."""
    app = bare()
    hybrid(app)
    parameters(app)
    app.get("/text")(lambda: "ready")
    app.mount("/static", StaticFiles(directory=PUBLIC))
    for name, site in {
        "fastapi": fastapi_site, "flask": flask_site, "falcon": falcon_site, "sanic": sanic_site,
        "bottle": bottle_site,
    }.items():  # fmt: skip
        app.mount(PREFIXES[name], site())
    return app


app = make_app()
