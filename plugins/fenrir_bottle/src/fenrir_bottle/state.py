"""What is registered with one Bottle app."""

from __future__ import annotations

from typing import Any, Callable, Dict, List

from .exceptions import HTTPError

#: The names that a hook can be registered for; the last two are accepted for Bottle's sake and never called.
HOOKS = ("before_request", "after_request", "app_reset", "config")


class State:
    """The hooks, error handlers, plugins and routes of one app."""

    def __init__(self) -> None:
        self.hooks: Dict[str, List[Callable[..., Any]]] = {name: [] for name in HOOKS}
        self.error_handlers: Dict[int, Callable[[HTTPError], Any]] = {}
        self.plugins: List[Any] = []
        self.routes: List[Any] = []
