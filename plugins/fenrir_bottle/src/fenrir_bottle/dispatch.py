"""Bottle's router in the place of the kernel's, for requests through ASGI."""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, Optional, Tuple
from urllib.parse import unquote

from fenrir_core.authoring import CompiledRoute, HeadRoute, Match, RouterLike, replace_router

from .exceptions import HTTPError
from .interfaces import BottleLike
from .registration import REFUSED
from .router import Found, arguments
from .structures import Values

#: What stands for an encoded slash while a path is matched; no server sends it.
_SLASH = "\udc2f"
#: The methods that a rule for a method is looked for under, where that is not its own and ANY.
_OTHERS = {"HEAD": ("HEAD", "GET", "ANY"), "WEBSOCKET": ("WEBSOCKET",)}


class Dispatcher:
    """What finds the compiled route for a request: Bottle's rules in their order, then what else the app has.

    Args:
        app: The app, which is built.
        kernel: The kernel's router, which has what is no route of Bottle's.
    """

    def __init__(self, app: BottleLike, kernel: RouterLike) -> None:
        self._app, self._kernel = app, kernel
        #: What serves mounts, as of the kernel's router.
        self.mounted = kernel.mounted
        compiled = {getattr(each.route.endpoint, "bottle_route", None): each for each in app.compiled_routes}
        self._targets: Dict[Any, CompiledRoute] = {route: each for route, each in compiled.items() if route is not None}
        self._heads = {route: HeadRoute(each) for route, each in self._targets.items()}
        #: The table of the kernel's fast path: paths without wildcards, by method.
        self.static: Dict[str, Dict[str, Tuple[Any, Values]]] = dict(self._kernel.static)
        self._fill()

    def _fill(self) -> None:
        router = self._app.router
        for method, paths in router.static.items():
            for path, route in paths.items():
                if method not in ("ANY", "PROXY") and route in self._targets and router.search("PROXY", path) is None:
                    self.static.setdefault(path, {})[method] = (self._targets[route], {})

    def freeze(self) -> None:
        """Do nothing: the table is complete."""

    def match(self, method: str, path: str, raw_path: Optional[bytes] = None) -> Match:
        """Return what serves a method and path."""
        router, path = self._app.router, path or "/"
        if router.has_proxy and router.search("PROXY", path) is not None:
            return self._kernel.match(method, path, raw_path)
        inner = path
        if raw_path is not None and 37 in raw_path and b"%2f" in raw_path.lower():
            # an encoded slash belongs to a value; Bottle, which sees decoded paths only, can't tell
            parts = raw_path.partition(b"?")[0].split(b"/")
            inner = "/".join(unquote(part.decode("latin-1")).replace("/", _SLASH) for part in parts)
        for verb in _OTHERS.get(method) or (method, "ANY"):
            found = router.search(verb, inner)
            if found is not None:
                return self._found(found, inner, self._heads if method == "HEAD" != verb else self._targets)
        other = self._kernel.match(method, path, raw_path)
        if other.target is not None or other.mount is not None:
            return other
        return Match(None, {}, tuple(sorted(router.allowed(inner) | set(other.allowed))))

    @staticmethod
    def _found(found: Found, path: str, targets: Dict[Any, Any]) -> Match:
        try:
            values = arguments(found)
        except HTTPError as error:
            values = {REFUSED: error}
        if _SLASH in path:
            values = {key: item.replace(_SLASH, "/") if isinstance(item, str) else item for key, item in values.items()}
        return Match(targets[found[0]], values)


def install(app: BottleLike) -> None:
    """Put the dispatcher in the place of the kernel's router."""
    replace_router(app, partial(Dispatcher, app))
