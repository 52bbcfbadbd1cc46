"""Pages of templates: a route with the option `page` renders what its handler returns."""

from __future__ import annotations

import html
from string import Template
from typing import Any, Dict, Iterable, Optional

from fenrir_core import (
    Build,
    BuildError,
    Connection,
    HTMLResponse,
    PluginInfo,
    Response,
    ReturnHandler,
    Route,
    RouteOption,
    Setting,
    hookimpl,
)
from fenrir_core.authoring import template_context

fenrir_plugin = PluginInfo(api="1")


def templates(value: Any) -> Dict[str, str]:
    """Return the templates by name."""
    return dict(value)


@hookimpl
def fenrir_settings() -> Iterable[Setting]:
    """Declare the settings."""
    yield Setting("acme_pages", templates, {}, help="The texts of the templates, by name.")


@hookimpl
def fenrir_route_options() -> Iterable[RouteOption]:
    """Let a route name its template."""
    yield RouteOption("page", "The template that renders the returned dict.")


@hookimpl
def fenrir_make_return_handler(route: Route, build: Build) -> Optional[ReturnHandler]:
    """Render dicts; what else a handler returns is answered as without the plugin."""
    name = route.option("page")
    if name is None:
        return None
    if name not in build.settings["acme_pages"]:
        raise BuildError(f"{route.where}: there is no template {name!r}. Add it to the setting acme_pages.")
    template = Template(build.settings["acme_pages"][name])

    def convert(connection: Connection, value: Any) -> Response:
        if not isinstance(value, dict):
            return NotImplemented
        names = {**template_context(connection), **value}
        return HTMLResponse(template.substitute({key: html.escape(str(item)) for key, item in names.items()}))

    return ReturnHandler(convert)
