"""The settings of an app, checked when they are set."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterable, Iterator, Mapping, MutableMapping, Optional, Protocol

from ._readers import flag
from ._suggestions import did_you_mean
from ._types import Given
from .exceptions import BuildError


class SettingLike(Protocol):
    """A declared setting: `fenrir_core.Setting`."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def type(self) -> Callable[[Any], Any]:
        """Its type, or a function that checks and converts a value."""

    @property
    def default(self) -> Any:
        """Its value where nobody sets it."""

    @property
    def env(self) -> Optional[str]:
        """The environment variable that sets it, or None."""


class Settings(MutableMapping[str, Any]):
    """The settings of an app by name; each is checked by its declared type when it is set.

    A setting that nobody sets has the value of its environment variable, or its default.

    Args:
        declared: The declarations with who made them.
        values: What the app's author sets.

    Raises:
        BuildError: Two plugins declare a name, a name is unknown, a value does not fit.
    """

    def __init__(self, declared: Iterable[Given[SettingLike]], values: Mapping[str, Any]) -> None:
        self.declared: Dict[str, Given[SettingLike]] = {}
        #: Whether the app is being built, which reads the settings.
        self.locked = False
        self._values: Dict[str, Any] = {}
        for given in declared:
            other = self.declared.get(given.value.name)
            if other is not None:
                raise BuildError(
                    f"The setting {given.value.name!r} is declared by both {other.by} and {given.by}. Give one of them "
                    "another name; what begins with the plugin's own rarely collides."
                )
            self.declared[given.value.name] = given
            setting = given.value
            if setting.env is not None and setting.env in os.environ:
                self._values[setting.name] = self._read(setting, os.environ[setting.env], f" (from {setting.env})")
            else:
                self._values[setting.name] = setting.default
        for name, value in values.items():
            self[name] = value

    @contextmanager
    def locking(self) -> Iterator[None]:
        """Refuse changes in a block."""
        self.locked = True
        try:
            yield
        finally:
            self.locked = False

    def __getitem__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise KeyError(self._unknown(name)) from None

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in self.declared:
            raise BuildError(self._unknown(name))
        if self.locked:
            raise BuildError(
                f"The setting {name!r} is set while the app is built, which has read it: a hook can't change it. "
                "Set it before, `Fenrir(settings={…})`, or declare a default with fenrir_settings."
            )
        self._values[name] = self._read(self.declared[name].value, value, "")

    def __delitem__(self, name: str) -> None:
        self._values[name] = self.declared[name].value.default

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def _unknown(self, name: str) -> str:
        hint = did_you_mean(name, self.declared, f"There are: {', '.join(sorted(self.declared))}.", most=3)
        return f"There is no setting {name!r}. {hint}"

    def _read(self, setting: SettingLike, value: Any, origin: str) -> Any:
        if value is None and setting.default is None:
            return None
        try:
            return (flag if setting.type is bool else setting.type)(value)
        except (TypeError, ValueError) as error:
            raise BuildError(f"The setting {setting.name!r} can't be {value!r}{origin}: {error}.") from None
