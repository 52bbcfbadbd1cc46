"""Apps for tests: with the named plugins alone, and with hooks that can't be called any more."""

from __future__ import annotations

from typing import Any, Sequence

from ..app import App
from ..hybrid import Fenrir


def make_app(plugins: Sequence[Any] = (), *, autoload: bool = False, **settings: Any) -> Fenrir:
    """Make a hybrid app that has these plugins alone; `settings` as `Fenrir`, `paradigms` too."""
    settings.setdefault("paradigms", ())
    return Fenrir(plugins=plugins, autoload=autoload, **settings)


def poison(app: App) -> None:
    """Make every hook of a built app raise from now on: nothing may call one while it serves."""

    class Poisoned:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"{name} was looked up after the build.")

    app.plugins.manager = app.plugins.manager.hook = Poisoned()  # type: ignore[assignment,misc]
