"""Apps for tests: with the named plugins only, and with hooks that raise."""

from __future__ import annotations

from typing import Any, NoReturn, Sequence

from ..app import App
from ..hybrid import Fenrir


def make_app(plugins: Sequence[Any] = (), *, autoload: bool = False, **settings: Any) -> Fenrir:
    """Return a hybrid app that has these plugins only; `settings` are those of `Fenrir`, `paradigms` included."""
    settings.setdefault("paradigms", ())
    return Fenrir(plugins=plugins, autoload=autoload, **settings)


def poison(app: App) -> None:
    """Make every hook of a built app raise from now on, since none may be called while it serves."""

    class Poisoned:
        def __getattr__(self, name: str) -> NoReturn:
            raise AssertionError(f"{name} was looked up after the build.")

    app.plugins.manager = app.plugins.manager.hook = Poisoned()  # type: ignore[assignment,misc]  # it only raises
