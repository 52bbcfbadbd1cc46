"""Compiled routes: what the router returns."""

from __future__ import annotations

from typing import Any, FrozenSet, Optional, Sequence

from .._functions import source_of
from .._types import EncodersLike, MediaTypesLike, RouteCall
from ..http.admission import admission_of
from ..http.errors import Handlers
from ..http.limits import limits_of
from ..plugins.types import Route
from ..routing.templates import Template


class CompiledRoute:
    """A compiled route, with what it was made of.

    Attributes:
        app, route, template, plan: What it was made of.
        root: The plan of its endpoint, where that is known before.
        call: The coroutine function `(scope, receive, send, params)`.
        handlers: Exception handlers that apply, nearest level first.
        limits: Its limits; those of them that paradigms change are `max_body` and `form_limits`.
        admission: What limits its time and the requests at a time, or None.
        nonblocking: Whether synchronous steps are called on the event loop.
        keeps_thread: Whether all of them run in one thread; None where only a stream's do.
        encoders, media_types: The app's, or None if it has none.
    """

    def __init__(self, app: Any, route: Route, template: Optional[Template]) -> None:
        self.app, self.route, self.template = app, route, template
        self.limits = limits = limits_of(route, app.settings)
        self.max_body, self.form_limits = limits.max_body, limits.form
        self.admission = admission_of(app, route, limits)
        self.nonblocking = bool(route.option("nonblocking", app.settings["nonblocking"]))
        self.keeps_thread: Optional[bool] = None
        # PERF: None where there are none, so that a request asks one attribute
        self.encoders: Optional[EncodersLike] = app.encoders if app.encoders.by_type else None
        self.media_types: Optional[MediaTypesLike] = app.media_types if app.media_types.by_name else None
        self.handlers: Sequence[Handlers] = ()
        self.call: RouteCall
        self.plan: Any = None
        self.root: Any = None

    @property
    def source(self) -> str:
        """The source of `call`."""
        return source_of(self.call)

    @property
    def path_names(self) -> FrozenSet[str]:
        """The names of the path's parameters."""
        return self.template.names if self.template else frozenset()
