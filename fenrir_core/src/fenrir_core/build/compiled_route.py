"""A route as the router hands it out: compiled, with what it was made of."""

from __future__ import annotations

from typing import Any, FrozenSet, Optional, Sequence

from ..http.multipart import FormLimits
from ..plugins.types import Route
from ..routing.templates import Template
from ..runtime.error_handling import Handlers


class CompiledRoute:
    """A compiled route: what the router hands out.

    Attributes:
        app, route, template, plan: What it was made of.
        call: The coroutine function `(scope, receive, send, params)`.
        source: The source of `call`.
        handlers: Exception handlers that apply, nearest level first.
        max_body: The most bytes of a request body, or None.
    """

    def __init__(self, app: Any, route: Route, template: Optional[Template]) -> None:
        self.app, self.route, self.template = app, route, template
        self.max_body: Optional[int] = route.option("max_body", app.settings["max_body"])
        self.form_limits = FormLimits()
        self.handlers: Sequence[Handlers] = ()
        self.call: Any = None
        self.source = ""
        self.plan: Any = None

    @property
    def path_names(self) -> FrozenSet[str]:
        """The names of the path's parameters."""
        return frozenset(param.name for param in self.template.params) if self.template else frozenset()


class HeadRoute:
    """Serve HEAD by a GET route: the same work, its body held back."""

    def __init__(self, target: CompiledRoute) -> None:
        self.target = target
        self.app, self.route = target.app, target.route

    async def call(self, scope: Any, receive: Any, send: Any, params: Any) -> None:
        """Run the GET route and drop what it sends as body."""

        async def bodiless(message: Any) -> None:
            if message["type"] == "http.response.body" and message.get("body"):
                message = {**message, "body": b""}
            await send(message)

        await self.target.call(scope, receive, bodiless, params)
