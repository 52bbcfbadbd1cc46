"""Apps under a prefix or at a host."""

from __future__ import annotations

import copy
from typing import Any, Dict, List, Optional, Pattern, Sequence, Tuple

from fenrir_core import Mount as CoreMount
from fenrir_core.authoring import ASGIApp, Receive, Scope, Send, local_path, parse_host, sent_host

from .convertors import Convertor
from .kernel_routes import Item
from .middleware import Middleware, wrapped
from .path_patterns import compile_path, replace_params
from .routes import BaseRoute, Match, NoMatchFound, find_path
from .urls import URLPath

__all__ = ["Host", "MountBase"]


class MountBase(BaseRoute):
    """An ASGI app, or routes, under a prefix.

    Args:
        path: The prefix; "" or "/" for everything that no route before it matches.
        app: The app.
        routes: Routes to mount instead of an app.
        name: The name.
        middleware: `Middleware` objects around the app, outermost first.
        max_body_size: The most bytes of a request body; 413 beyond that.
    """

    def __init__(
        self,
        path: str,
        app: Optional[ASGIApp] = None,
        routes: Optional[Sequence[BaseRoute]] = None,
        name: Optional[str] = None,
        *,
        middleware: Optional[Sequence[Middleware]] = None,
        max_body_size: Optional[int] = None,
    ) -> None:
        assert path == "" or path.startswith("/"), "Routed paths must start with '/'"
        assert app is not None or routes is not None, "Either 'app=...', or 'routes=' must be specified"
        self.name = name
        self._base_app: Any = self.make_router(routes or ()) if app is None else app
        self.app: Any = wrapped(self._base_app, middleware, max_body_size)
        self._set_path(path)

    def _set_path(self, path: str) -> None:
        self.path = path.rstrip("/")
        found: Tuple[Pattern[str], str, Dict[str, Convertor[Any]]] = compile_path(f"{self.path}/{{path:path}}")
        self.path_regex, self.path_format, self.param_convertors = found

    @property
    def routes(self) -> List[Any]:
        """The routes of the mounted app, if it has any."""
        return getattr(self._base_app, "routes", [])

    def under(self, prefix: str) -> MountBase:
        """Return the mount as it is served below a prefix."""
        found = copy.copy(self)
        found._set_path(prefix + self.path)
        return found

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Return whether the path is below the prefix, and what to add to the scope."""
        if scope["type"] not in ("http", "websocket"):
            return Match.NONE, {}
        path, root = local_path(scope), scope.get("root_path") or ""
        found = self.path_regex.match(path)
        if found is None:
            return Match.NONE, {}
        values = {name: self.param_convertors[name].convert(value) for name, value in found.groupdict().items()}
        rest = f"/{values.pop('path')}"
        return Match.FULL, {
            "path_params": {**scope.get("path_params", {}), **values},
            # the root of the outermost app, which URLs are built below
            "app_root_path": scope.get("app_root_path", root),
            "root_path": root + path[: -len(rest)],
            "endpoint": self.app,
        }

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the path of the mount (`path=` is the rest), or of a route ``mount:route`` in it.

        Raises:
            NoMatchFound: There is none.
        """
        if self.name is not None and name == self.name and "path" in path_params:
            params = {**path_params, "path": path_params["path"].lstrip("/")}
            path, left = replace_params(self.path_format, self.param_convertors, params)
            if not left:
                return URLPath(path)
        inner = inner_name(self.name, name)
        if inner is not None:
            prefix, left = replace_params(self.path_format, self.param_convertors, {**path_params, "path": ""})
            if "path" in path_params:
                left["path"] = path_params["path"]
            url = find_path(self.routes or (), inner, left)
            if url is not None:
                return URLPath(prefix.rstrip("/") + str(url), url.protocol)
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app."""
        await self.app(scope, receive, send)

    def collected(self) -> List[Item]:
        """Return the kernel's mount."""
        return [CoreMount(self.path, self.app, self.name or "", needs_slash=True)]

    @property
    def is_custom(self) -> bool:
        """Whether the kernel's table of routes can't serve it: also where the prefix has parameters."""
        return "{" in self.path or super().is_custom

    def make_router(self, routes: Sequence[BaseRoute]) -> ASGIApp:
        """Return the app that serves the routes."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MountBase) and self.path == other.path and self.app == other.app

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"{type(self).__name__}(path={self.path!r}, name={self.name or ''!r}, app={self.app!r})"


class Host(BaseRoute):
    """An ASGI app that serves all requests to a host.

    Args:
        host: The host; `{name}` matches one part of it.
        app: The app.
        name: The name.
    """

    is_custom = True

    def __init__(self, host: str, app: ASGIApp, name: Optional[str] = None) -> None:
        assert not host.startswith("/"), "Host must not start with '/'"
        self.host, self.app, self.name = host, app, name
        self.host_regex, self.host_format, self.param_convertors = compile_path(host)

    @property
    def routes(self) -> List[Any]:
        """The routes of the app, if it has any."""
        return [self.app] if isinstance(self.app, BaseRoute) else getattr(self.app, "routes", [])

    def under(self, prefix: str) -> Host:
        """Return the host as it is served below a prefix."""
        return Host(self.host, MountBase(prefix, app=self.app), self.name) if prefix else self

    def matches(self, scope: Scope) -> Tuple[Match, Scope]:
        """Return whether the request's host matches, and what to add to the scope."""
        host = sent_host(scope) if scope["type"] in ("http", "websocket") else None
        if host is None:
            return Match.NONE, {}
        name = (parse_host(host) or ("",))[0].lower()
        found = self.host_regex.match(f"[{name}]" if ":" in name else name)
        if found is None:
            return Match.NONE, {}
        values = {key: self.param_convertors[key].convert(value) for key, value in found.groupdict().items()}
        return Match.FULL, {"path_params": {**scope.get("path_params", {}), **values}, "endpoint": self.app}

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the path of the host (`path=` is the path), or of a route ``host:route`` of its app.

        Raises:
            NoMatchFound: There is none.
        """
        if self.name is not None and name == self.name and "path" in path_params:
            params = dict(path_params)
            path = params.pop("path")
            host, left = replace_params(self.host_format, self.param_convertors, params)
            if not left:
                return URLPath(path, host=host)
        inner = inner_name(self.name, name)
        if inner is not None:
            host, left = replace_params(self.host_format, self.param_convertors, dict(path_params))
            url = find_path(self.routes or (), inner, left)
            if url is not None:
                return URLPath(str(url), url.protocol, host)
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app."""
        await self.app(scope, receive, send)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Host) and self.host == other.host and self.app == other.app

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"{type(self).__name__}(host={self.host!r}, name={self.name or ''!r}, app={self.app!r})"


def inner_name(outer: Optional[str], name: str) -> Optional[str]:
    """Return the name inside of a mount or host that is named `outer`; None if it can't be inside."""
    if outer is None:
        return name
    return name[len(outer) + 1 :] if name.startswith(f"{outer}:") else None
