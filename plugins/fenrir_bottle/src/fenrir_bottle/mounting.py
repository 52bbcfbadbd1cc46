"""Apps inside a Bottle app."""

from __future__ import annotations

import inspect
import itertools
from typing import Any, Callable, Iterable, List, Union, cast

from fenrir_core import App
from fenrir_core.authoring import unwrap_callable
from fenrir_wsgi import WSGIApp, as_wsgi, mount_wsgi

from ._flags import depr
from .exceptions import HTTPResponse
from .interfaces import BottleLike
from .proxies import request
from .routes import Route
from .texts import recode


class Mounting:
    """The methods of `Bottle` that take other apps in."""

    _mounts: List[Any]

    def mount(self, prefix: str, app: Any, name: str = "", **options: Any) -> None:
        """Mount another app under a prefix.

        The routes of a Bottle app become routes of this one, if the prefix ends with a slash. Any other app, of WSGI
        or ASGI, gets the requests below the prefix.

        Args:
            prefix: The prefix, from a slash to a slash.
            app: The app.
            name: A name for reports.
            **options: Options of the route, for an app that gets requests.

        Raises:
            ValueError: The prefix does not start with a slash.
        """
        own = cast(App, self)
        if not prefix.startswith("/"):
            raise ValueError(f"The mount prefix {prefix!r} must start with '/'.")
        is_bottle = isinstance(app, Mounting)
        if is_bottle and self._take_routes(prefix, app, options):
            return
        if isinstance(app, App) or inspect.iscoroutinefunction(unwrap_callable(app)):
            App.mount(own, prefix, app, name)
            target: WSGIApp = app.wsgi if is_bottle else cast(WSGIApp, as_wsgi(app))
        else:
            target = app
            mount_wsgi(own, app, prefix, name=name)
        self._mount_for_wsgi(prefix, target, app, options)

    def _take_routes(self, prefix: str, app: BottleLike, options: Any) -> bool:
        """Take over the routes of a Bottle app, and return whether that is possible."""
        own = cast(BottleLike, self)
        problem = ""
        if app in self._mounts or "_mount.app" in app.config:
            problem = "the app is mounted already."
        elif options:
            problem = "mount options for a Bottle app."
        elif not prefix.endswith("/"):
            problem = f"the mount prefix {prefix!r} without a slash at its end."
        if problem:
            depr(0, 13, problem, "mount a Bottle app once, below '/prefix/', without options.", 4)
            return False
        self._mounts.append(app)
        app.config["_mount.prefix"], app.config["_mount.app"] = prefix, own
        for route in app.routes:
            route.rule = prefix + route.rule.lstrip("/")
            own.add_route(route)
        return True

    def _mount_for_wsgi(self, prefix: str, target: WSGIApp, app: Any, options: Any) -> None:
        """Add the routes that serve a mounted app in requests of WSGI."""
        own = cast(BottleLike, self)
        segments = [part for part in prefix.split("/") if part]
        if not segments:
            raise ValueError("An app can't be mounted at '/': it would hide every route.")
        config = {"skip": True, "method": "PROXY", "mountpoint": {"prefix": prefix, "target": app}, **options}
        config["callback"] = _forwarding(target, len(segments))
        path = "/" + "/".join(segments)
        own.route(f"{path}/<:re:.*>", **config)
        if not prefix.endswith("/"):
            own.route(path, **config)

    def merge(self, routes: Union[BottleLike, Iterable[Route]]) -> None:
        """Add the routes of another app, or routes themselves, under this app's hooks; they keep their plugins."""
        found: Any = getattr(routes, "routes", routes)
        for route in [*found]:
            cast(BottleLike, self).add_route(route)


def _forwarding(app: WSGIApp, depth: int) -> Callable[[], HTTPResponse]:
    """Return a handler that answers with what a WSGI application does below a prefix of that many segments."""

    def forward() -> HTTPResponse:
        response = HTTPResponse([])

        def start_response(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], Any]:
            if exc_info and exc_info[1] is not None and response.body:
                raise exc_info[1].with_traceback(exc_info[2])
            response.status = recode(status)
            response._headers.clear()
            for name, value in headers:
                response.add_header(name, recode(value))
            written: Callable[[bytes], Any] = response.body.append
            return written

        request.path_shift(depth)
        try:
            body = app(request.environ, start_response)
            response.body = itertools.chain(response.body, body) if response.body else body
            return response
        finally:
            request.path_shift(-depth)

    return forward
