"""The configuration of the hybrid app: its settings by Flask's names, and the application's own keys."""

from __future__ import annotations

from typing import Any, Iterator, MutableMapping, Optional

from ._types import SomeApp, Stored, Values
from .config import Loading
from .state import State

#: Flask's names of settings whose name differs here.
_OTHER = {"MAX_CONTENT_LENGTH": "max_body"}


class SettingsConfig(Loading, MutableMapping[str, Stored]):
    """A mapping of the settings by Flask's names in capitals; other keys are stored unchanged.

    Args:
        app: The app.
    """

    def __init__(self, app: SomeApp) -> None:
        self._app = app
        self._own: Values = app.store(State).config

    @property
    def root_path(self) -> str:  # type: ignore[override]  # it is the app's
        """The directory that file names are relative to."""
        return str(self._app.root_path)

    def _setting(self, key: object) -> Optional[str]:
        if not isinstance(key, str):
            return None
        name = _OTHER.get(key) or (key.lower() if key.isupper() else None)
        return name if name in self._app.settings.declared else None

    def __getitem__(self, key: str) -> Stored:
        name = self._setting(key)
        return self._own[key] if name is None else self._app.settings[name]

    def __setitem__(self, key: str, value: Stored) -> None:
        name = self._setting(key)
        if name is None:
            self._own[key] = value
        else:
            self._app.settings[name] = value

    def __delitem__(self, key: str) -> None:
        name = self._setting(key)
        if name is None:
            del self._own[key]
        else:
            del self._app.settings[name]

    def __iter__(self) -> Iterator[str]:
        back = {setting: name for name, setting in _OTHER.items()}
        yield from (back.get(name, name.upper()) for name in self._app.settings)
        yield from self._own

    def __len__(self) -> int:
        return len(self._app.settings) + len(self._own)

    def __repr__(self) -> str:
        return f"<Config {dict(self)!r}>"


def config_of(app: SomeApp) -> Any:
    """Return the app's configuration: that of a `Flask`, or the hybrid app's view of its settings."""
    if app.paradigm is not None and hasattr(app, "config"):
        return app.config
    state = app.store(State)
    if state.config_view is None:
        state.config_view = SettingsConfig(app)
    return state.config_view
