"""The legacy application as an ASGI app, called by its mount and for routes that are switched to it."""

from __future__ import annotations

import inspect
from typing import Any, Dict, List, Optional

from fenrir_core import App, BuildError
from fenrir_core.authoring import OBSERVED, ASGIApp, Receive, Router, Scope, Send, parse_template
from fenrir_wsgi import MountOptions, WSGIBridge

from .legacy_routes import LegacyRoute, framework_of, routes_of

#: The key of `Observation.state` with the template of the legacy application that served.
SERVED = "fenrir.takeover"
#: Frameworks that take `path` as below their mount; Sanic adds `root_path` to it besides.
_LOCAL_PATHS = ("falcon", "sanic")


class LegacyApp:
    """A legacy application, WSGI or ASGI, at its prefix.

    Args:
        app: The Fenrir app that takes it over.
        original: The application.
        prefix: Where it is mounted, ``""`` or without trailing slash.
        name: The first part of its routes' names.
        interface: ``"wsgi"``, ``"asgi"``, or None to tell by the application's parameters.
        options: How a WSGI application is served.
        where: ``file:line`` of the call, for messages.

    Raises:
        BuildError: It is neither, or its interface can't be told.
    """

    def __init__(
        self,
        app: App,
        original: Any,
        prefix: str,
        name: str,
        interface: Optional[str],
        options: MountOptions,
        where: str,
    ) -> None:
        self._app = app
        self.original, self.prefix, self.name, self.where = original, prefix, name, where
        self.interface = interface or _interface_of(original, where)
        self.framework = framework_of(original)
        self._state: Dict[str, Any] = {}
        self._router: Optional[Router] = None
        #: Its routes, once they were learnt.
        self.known: List[LegacyRoute] = []
        self._inner: ASGIApp = original
        if self.interface == "wsgi":
            self._inner = WSGIBridge(app, original, prefix, options)
            self.limits_bodies = True  # as the bridge tells the app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection whose `root_path` ends with the prefix."""
        if scope["type"] == "lifespan":
            if self.interface == "asgi":
                self._state = scope.get("state", {})  # what the application keeps there is for its requests
                await self._inner(scope, receive, send)
            return
        observation = scope.get(OBSERVED)
        if observation is not None:
            # a route that is switched to the legacy application is one line of the report, under our template
            is_switched = observation.route is not None and observation.app is self._app
            observation.state[SERVED] = observation.template if is_switched else self.template(scope)
        if self.prefix and self.framework in _LOCAL_PATHS and self.interface == "asgi":
            scope = self._local(scope)
        await self._inner(scope, receive, send)

    def entered(self, scope: Scope) -> Scope:
        """Return the scope that the mount would call it with, for a connection of one of our routes."""
        root = (scope.get("root_path") or "").rstrip("/")
        child: Dict[str, Any] = {**scope, "root_path": root + self.prefix}
        if self._state:
            child["state"] = {**(scope.get("state") or {}), **self._state}
        return child

    def _local(self, scope: Scope) -> Scope:
        root = scope.get("root_path", "")
        if not scope["path"].startswith(root):
            return scope
        raw = scope.get("raw_path") or scope["path"].encode()
        local: Dict[str, Any] = {**scope, "path": scope["path"][len(root) :] or "/"}
        local["raw_path"] = raw[len(root.encode()) :] or b"/"
        if self.framework == "sanic":
            local["root_path"] = ""
        return local

    # ------------------------------------------------------------ what it has

    def routes(self, converters: Any) -> List[LegacyRoute]:
        """Return its routes whose paths can be read as templates of ours; empty where they are not known."""
        found: List[LegacyRoute] = []
        for route in routes_of(self.original) or ():
            try:
                parse_template(self.prefix + route.path, converters)
            except BuildError:
                continue
            found.append(route)
        return found

    def learn(self, routes: List[LegacyRoute], converters: Any) -> None:
        """Make the table by which the templates of its requests are found."""
        self.known, router = routes, Router("accept")
        for route in routes:
            template = parse_template(self.prefix + route.path, converters)
            for method in route.methods or ("*",):
                try:
                    router.add(method, template, _Named(template.openapi))
                except BuildError:  # the same path with other names; the first is the template
                    continue
        router.freeze()
        self._router = router

    def template(self, scope: Scope) -> str:
        """Return the template of a request's path, the prefix with ``/*`` where it is not known."""
        router = self._router
        if router is not None:
            method = scope.get("method", "GET")
            path, root = scope["path"], (scope.get("root_path") or "")
            outer = root[: len(root) - len(self.prefix)] if root.endswith(self.prefix) else ""
            path = path[len(outer) :] if outer and path.startswith(outer) else path
            for name in ("GET" if method == "HEAD" else method, "*"):
                found: Any = router.match(name, path).target
                if found is not None:
                    return str(found.openapi)
        return f"{self.prefix}/*"

    def explain_match(self, method: str, path: str) -> str:
        """Return which of its routes serves a request, for `fenrir why`."""
        template = self.template({"method": method, "path": path})
        if template.endswith("/*"):
            return f"the {self.framework} application decides"
        return f"the {self.framework} application has {template}"

    def __repr__(self) -> str:
        return f"<legacy {self.framework} application at {self.prefix or '/'}>"


class _Named:
    """What the table of templates returns."""

    def __init__(self, openapi: str) -> None:
        self.openapi = openapi

    async def call(self, *arguments: Any) -> None:
        """Serve nothing; the table is only looked things up in."""


def _interface_of(app: Any, where: str) -> str:
    """Return ``"asgi"`` for a callable of three arguments, ``"wsgi"`` for one of two."""
    if not callable(app):
        raise BuildError(f"{where}: take_over: {app!r} is not callable, so it is no WSGI or ASGI application.")
    if isinstance(app, App):
        return "asgi"
    try:
        signature = inspect.signature(app)
    except (TypeError, ValueError):
        signature = None
    for arguments, interface in (((None,) * 3, "asgi"), ((None,) * 2, "wsgi")):
        try:
            if signature is not None and signature.bind(*arguments):
                return interface
        except TypeError:
            continue
    raise BuildError(
        f"{where}: take_over: it can't be told whether {app!r} is a WSGI or an ASGI application. "
        'Say so: app.take_over(legacy, interface="wsgi").'
    )
