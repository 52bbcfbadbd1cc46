"""What is registered with one Bottle app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, List

from .exceptions import HTTPError

if TYPE_CHECKING:
    from .routes import Route

#: The names that a hook can be registered for.
HOOKS = ("before_request", "after_request", "app_reset", "config")


class State:
    """The hooks, error handlers, plugins and routes of one app."""

    def __init__(self) -> None:
        #: By name, in the order that they run.
        self.hooks: Dict[str, List[Callable[..., Any]]] = {name: [] for name in HOOKS}
        self.error_handlers: Dict[int, Callable[[HTTPError], Any]] = {}
        self.plugins: List[Any] = []
        self.routes: List[Route] = []
        #: Whether an exception of a handler becomes a response, instead of being raised to the server.
        self.catchall = True
