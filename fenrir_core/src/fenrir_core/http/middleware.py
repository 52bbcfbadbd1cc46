"""The stack of ASGI middleware around an app, to which layers can be added later.

Source: ASGI 3.0, "Middleware".
"""

from __future__ import annotations

from typing import Awaitable, Callable, Dict, Hashable, List, Optional, Sequence, Tuple

from .._compat import coroutine_function
from .._types import ASGIApp, Receive, Scope, Send


class Callee:
    """An ASGI app as middleware expects it: an object whose `__call__` is a coroutine function.

    Attributes:
        app: What is called.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    @coroutine_function
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve a connection (ASGI 3.0)."""
        return self.app(scope, receive, send)


class MiddlewareStack:
    """The middleware around an app: each instance is made once, also when others are added around or inside of it.

    Args:
        app: The innermost app.

    Attributes:
        outermost: The first layer; None where there is no middleware.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._layers: Dict[Hashable, Tuple[Callee, ASGIApp]] = {}
        self.outermost: Optional[ASGIApp] = None

    def prepare(self, factories: Sequence[Tuple[str, str, Callable[[ASGIApp], ASGIApp]]]) -> Callable[[], None]:
        """Make the instances that are missing; return the function that puts them into the stack.

        Args:
            factories: Who gave a layer (``"app"`` for the app's author), its name, and what makes it of the app that
                it wraps; outermost first.
        """
        layers: Dict[Hashable, Tuple[Callee, ASGIApp]] = {}
        links: List[Tuple[Callee, ASGIApp]] = []
        inner = self._app
        for owner, name, factory in reversed(factories):
            # a plugin's hook makes its factories anew each time, the app's author may use a name for another
            key = owner, name, factory if owner == "app" else None
            layer = self._layers.get(key)
            if layer is None:
                callee = Callee(inner)
                layer = callee, factory(callee)
            layers[key] = layer
            links.append((layer[0], inner))
            inner = layer[1]

        def link() -> None:
            for callee, app in links:
                callee.app = app
            self._layers, self.outermost = layers, inner if layers else None

        return link
