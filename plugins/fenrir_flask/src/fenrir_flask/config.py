"""`app.config`: the app's settings by Flask's names, and the application's own keys."""

from __future__ import annotations

import importlib
import json
import os
from types import ModuleType
from typing import Any, Callable, Dict, Iterator, List, Mapping, MutableMapping, Optional

from .state import State

#: Flask's names of settings whose name differs here.
_OTHER = {"MAX_CONTENT_LENGTH": "max_body"}


class Config(MutableMapping[str, Any]):
    """A mapping of the settings by Flask's names in capitals; other keys are stored unchanged.

    In an application of the class `Flask` these are the settings of the kernel and of this paradigm. A key that a
    plugin has a setting for, such as REDIS_URL, is the application's own there, as it is in Flask.

    Args:
        app: The app.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._own: Dict[str, Any] = app.store(State).config
        self._owners = None if app.paradigm is None else ("kernel", app.paradigm)

    @property
    def root_path(self) -> str:
        """The directory that file names are relative to."""
        return self._app.root_path  # type: ignore[no-any-return]

    def _setting(self, key: Any) -> Optional[str]:
        name = _OTHER.get(key) or (key.lower() if isinstance(key, str) and key.isupper() else None)
        return name if name is not None and self._is_here(name) else None

    def _is_here(self, name: str) -> bool:
        """Return whether a name is that of a setting which this mapping has."""
        declared = self._app.settings.declared.get(name)
        return declared is not None and (self._owners is None or declared.by.plugin in self._owners)

    def _settings(self) -> List[str]:
        return [name for name in self._app.settings if self._is_here(name)]

    def __getitem__(self, key: str) -> Any:
        name = self._setting(key)
        return self._own[key] if name is None else self._app.settings[name]

    def __setitem__(self, key: str, value: Any) -> None:
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
        yield from (back.get(name, name.upper()) for name in self._settings())
        yield from self._own

    def __len__(self) -> int:
        return len(self._settings()) + len(self._own)

    def from_mapping(self, mapping: Optional[Mapping[str, Any]] = None, **kwargs: Any) -> bool:
        """Update from the keys of a mapping that are in capitals."""
        for key, value in {**(mapping or {}), **kwargs}.items():
            if key.isupper():
                self[key] = value
        return True

    def from_object(self, obj: Any) -> None:
        """Update from the attributes in capitals of an object or module, or of what an import path names."""
        if isinstance(obj, str):
            try:
                obj = importlib.import_module(obj)
            except ImportError:
                module, dot, name = obj.rpartition(".")
                if not dot:
                    raise
                obj = getattr(importlib.import_module(module), name)
        self.from_mapping({key: getattr(obj, key) for key in dir(obj) if key.isupper()})

    def from_pyfile(self, filename: Any, silent: bool = False) -> bool:
        """Run a Python file and update from its names in capitals.

        Args:
            filename: The path of the file, relative to the app's `root_path`.
            silent: Whether to return False for a missing file instead of raising.
        """
        path = os.path.join(self.root_path, filename)
        module = ModuleType("config")
        module.__file__ = path
        try:
            with open(path, "rb") as file:
                code = compile(file.read(), path, "exec")
        except OSError as error:
            return _unreadable(error, silent)
        exec(code, module.__dict__)
        self.from_object(module)
        return True

    def from_file(
        self, filename: Any, load: Callable[[Any], Mapping[str, Any]], silent: bool = False, text: bool = True
    ) -> bool:
        """Update from what `load`, such as `json.load`, returns for an open file."""
        try:
            with open(os.path.join(self.root_path, filename), "r" if text else "rb") as file:
                values = load(file)
        except OSError as error:
            return _unreadable(error, silent)
        return self.from_mapping(values)

    def from_envvar(self, variable_name: str, silent: bool = False) -> bool:
        """Update from the Python file that an environment variable names.

        Raises:
            RuntimeError: The variable is not set.
        """
        filename = os.environ.get(variable_name)
        if filename:
            return self.from_pyfile(filename, silent)
        if silent:
            return False
        raise RuntimeError(
            f"The environment variable {variable_name!r} is not set. Set it to the path of a configuration file."
        )

    def from_prefixed_env(self, prefix: str = "FLASK", *, loads: Callable[[str], Any] = json.loads) -> bool:
        """Update from environment variables that start with a prefix; values that are JSON are parsed.

        ``FLASK_A__B`` sets the key B of the dict A.
        """
        start = f"{prefix}_"
        for variable in sorted(os.environ):
            if not variable.startswith(start):
                continue
            value: Any = os.environ[variable]
            try:
                value = loads(value)
            except ValueError:
                pass  # plain text
            key, *inner = variable[len(start) :].split("__")
            if not inner:
                self[key] = value
                continue
            place = self.setdefault(key, {})
            for name in inner[:-1]:
                place = place.setdefault(name, {})
            place[inner[-1]] = value
        return True

    def get_namespace(self, namespace: str, lowercase: bool = True, trim_namespace: bool = True) -> Dict[str, Any]:
        """Return the keys that start with `namespace` as a dict."""
        found = {}
        for key in self:
            if key.startswith(namespace):
                name = key[len(namespace) :] if trim_namespace else key
                found[name.lower() if lowercase else name] = self[key]
        return found

    def __repr__(self) -> str:
        return f"<Config {dict(self)!r}>"


def config_of(app: Any) -> Config:
    """Return the app's configuration."""
    state = app.store(State)
    if state.config_view is None:
        state.config_view = Config(app)
    return state.config_view  # type: ignore[no-any-return]


def _unreadable(error: OSError, silent: bool) -> bool:
    if silent:
        return False
    error.strerror = f"Unable to load configuration file ({error.strerror})"
    raise error
