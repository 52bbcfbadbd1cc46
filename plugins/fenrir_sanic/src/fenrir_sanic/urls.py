"""The URLs of Sanic's routes."""

from __future__ import annotations

from typing import Any, List, Tuple
from urllib.parse import urlencode

from fenrir_core import CannotBuildURL
from fenrir_core.authoring import templates_of

from .exceptions import URLBuildError
from .request.route_info import RouteInfo
from .values import Values


def build_url(app: Any, view_name: str, values: Values) -> str:
    """Return the URL of a route; the arguments are those of `Sanic.url_for`.

    Raises:
        URLBuildError: No route of this name takes these values.
        ValueError: The options contradict each other.
    """
    given = dict(values)
    options = {name: given.pop(name, "") for name in ("_anchor", "_external", "_scheme", "_method")}
    server, host = given.pop("_server", None), given.pop("_host", None)
    if view_name == "static" or view_name.endswith(".static"):
        label = given.pop("name", None)
        if label:
            view_name = view_name.replace("static", label)
    route = app.router.find_built(view_name)
    if route is None:
        raise URLBuildError(f"Endpoint with name `{app.generate_name(view_name)}` was not found")
    if route.extra.static and "<" not in route.path:
        given.pop("filename", None)
    elif route.extra.static:
        given["filename"] = str(given.get("filename", "")).lstrip("/")
    path, query = _path(app, route, given)
    if not route.strict:
        path = path.rstrip("/") or "/"
    if options["_method"] and options["_method"] not in route.methods:
        raise URLBuildError(f"Endpoint with name `{route.name}` has no method {options['_method']}")
    url = path + (f"?{urlencode(query, doseq=True)}" if query else "")
    url += f"#{options['_anchor']}" if options["_anchor"] else ""
    external, scheme = options["_external"], options["_scheme"]
    if scheme and not external:
        raise ValueError("When specifying _scheme, _external must be True")
    if not external and not server:
        return str(url)
    found = str(server or host or _host_of(app, route, bool(external)) or "")
    if "://" in found[:8]:
        scheme, found = scheme or found.partition("://")[0], found.partition("://")[2]
    return f"{scheme or 'http'}://{found}{url}" if external else f"//{found}{url}"


def _host_of(app: Any, route: RouteInfo, external: bool) -> str:
    hosts: List[str] = [host for host in route.extra.hosts if host]
    if external and len(hosts) > 1:
        raise ValueError(f"Host is ambiguous: {', '.join(sorted(hosts))}")
    if external and hosts:
        return hosts[0]
    return str(
        app.config.get("SERVER_NAME") or ""
    )  # COMPAT: without one Sanic's URL has no host, as in ``http:///name``


def _path(app: Any, route: RouteInfo, values: Values) -> Tuple[str, Values]:
    """Return the path of a route and what is left for the query."""
    template = templates_of(app, str(route.name))[-1]
    own: Values = {}
    for param in template.params:
        if param.name not in values:
            raise URLBuildError(f"Required parameter `{param.name}` was not passed to url_for")
        own[param.name] = values.pop(param.name)
    try:
        return app.url_path(str(route.name), **own), values
    except (CannotBuildURL, ValueError) as error:
        text = "; ".join(
            f'Value "{value}" for parameter `{name}` does not match pattern' for name, value in own.items()
        )
        raise URLBuildError(f"{text}: {error}") from error
