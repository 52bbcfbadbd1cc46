"""The application."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, List

from fenrir_core import App

from .urls import PARADIGM, Patterns, routes_of

Middleware = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass
class State:
    """What the author of one app registered."""

    middleware: List[Middleware] = field(default_factory=list)


def add_urls(app: App, patterns: Patterns) -> None:
    """Register patterns in any app."""
    for route in routes_of(app, patterns):
        app.register(route)


class Project(App):
    """An app with this paradigm alone; `settings` are those of `fenrir_core.App`."""

    paradigm = PARADIGM

    def __init__(self, urlpatterns: Patterns = (), middleware: Iterable[Middleware] = (), **settings: Any) -> None:
        super().__init__(**settings)
        self.store(State).middleware.extend(middleware)
        self.add_urls(urlpatterns)

    def add_urls(self, patterns: Patterns) -> None:
        """Add patterns."""
        add_urls(self, patterns)
