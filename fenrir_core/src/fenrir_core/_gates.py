"""The steps before handlers that a paradigm finds at request time, outside of the app's routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional

if TYPE_CHECKING:
    from .http.connection import Connection
    from .plugins.types import Route, RouteHook

#: An attribute of handlers that a plugin guards.
GUARDED = "__fenrir_guarded__"
#: So many routes are remembered, of routers that make their handlers anew for each request.
_MOST = 1000


class Gates:
    """The guards of one app that depend on the handler, for handlers without a route of their own.

    A compiled route has them as hooks. A paradigm whose own router, sink or dispatch finds a handler at request time
    asks here, so that a limit that was set on the handler holds there, too.
    """

    def __init__(self) -> None:
        self._makers: Dict[str, Callable[[Route], Optional[RouteHook]]] = {}
        self._known: Dict[Any, List[RouteHook]] = {}

    def add(self, name: str, maker: Callable[[Route], Optional[RouteHook]]) -> None:
        """Add what returns the guard of a handler, in the place of one of the same name.

        Args:
            name: What it guards against.
            maker: Called with a route that stands for the handler; its `path` names the handler, and is no template.
                Returns a hook with `before`, or None.
        """
        self._makers[name] = maker
        self._known.clear()

    def are_open(self, key: Any) -> bool:
        """Return whether a handler is known to have no guards, so that there is nothing to run."""
        return not self._makers or self._known.get(key) == []

    async def check(self, connection: Connection, key: Any, make_route: Callable[[], Route]) -> None:
        """Run the guards of a handler; they raise for a request that is refused.

        Args:
            connection: The request or WebSocket.
            key: What tells the handler from others, hashable.
            make_route: Returns the route that stands for it, when it is seen first.

        Raises:
            HTTPError: The request is refused.
            BuildError: A mark of the handler is wrong.
        """
        hooks = self._known.get(key) if self._makers else ()
        if hooks is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            route = make_route()
            hooks = [hook for maker in self._makers.values() for hook in [maker(route)] if hook is not None]
            self._known[key] = hooks
        for hook in hooks:
            assert hook.before is not None
            value = hook.before.function(connection)
            if hook.before.mode == "async":
                await value
