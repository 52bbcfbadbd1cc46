"""Compiled routes: what the router returns."""

from __future__ import annotations

from typing import Any, FrozenSet, Optional, Sequence

from .._types import EncodersLike, MediaTypesLike, Message, PathParams, Receive, RouteCall, Scope, Send
from ..http.errors import Handlers
from ..http.multipart import FormLimits
from ..plugins.types import Route
from ..routing.templates import Template


class CompiledRoute:
    """A compiled route, with what it was made of.

    Attributes:
        app, route, template, plan: What it was made of.
        root: The plan of its endpoint, where that is known before.
        call: The coroutine function `(scope, receive, send, params)`.
        source: The source of `call`.
        handlers: Exception handlers that apply, nearest level first.
        max_body: The most bytes of a request body, or None.
        nonblocking: Whether synchronous steps are called on the event loop.
        keeps_thread: Whether all of them run in one thread; None where only a stream's do.
        encoders, media_types: The app's, or None if it has none.
    """

    def __init__(self, app: Any, route: Route, template: Optional[Template]) -> None:
        self.app, self.route, self.template = app, route, template
        self.max_body: Optional[int] = route.option("max_body", app.settings["max_body"])
        self.form_limits = FormLimits()
        self.nonblocking = bool(route.option("nonblocking", app.settings["nonblocking"]))
        self.keeps_thread: Optional[bool] = None
        # PERF: None where there are none, so that a request asks one attribute
        self.encoders: Optional[EncodersLike] = app.encoders if app.encoders.by_type else None
        self.media_types: Optional[MediaTypesLike] = app.media_types if app.media_types.by_name else None
        self.handlers: Sequence[Handlers] = ()
        self.call: RouteCall
        self.source = ""
        self.plan: Any = None
        self.root: Any = None

    @property
    def path_names(self) -> FrozenSet[str]:
        """The names of the path's parameters."""
        return self.template.names if self.template else frozenset()


class HeadRoute:
    """A GET route that answers HEAD: it does the same work, and its body is not sent."""

    def __init__(self, target: CompiledRoute) -> None:
        self.target, self.app, self.route = target, target.app, target.route

    async def call(self, scope: Scope, receive: Receive, send: Send, params: PathParams) -> None:
        """Run the GET route and drop what it sends as body."""

        async def bodiless(message: Message) -> None:
            if message["type"] == "http.response.body" and message.get("body"):
                message = {**message, "body": b""}
            await send(message)

        await self.target.call(scope, receive, bodiless, params)
