"""`app.config`: a dict with the configuration of an app, and the ways to fill it."""

from __future__ import annotations

import importlib
import json
import os
from types import ModuleType
from typing import Any, Callable, Generic, Iterator, Mapping, Optional, Protocol, TypeVar, Union, overload

from ._types import Passed, Stored, Values

T = TypeVar("T")
Path = Union[str, "os.PathLike[str]"]


class ConfigAttribute(Generic[T]):
    """An attribute of an app that is a key of its configuration.

    Args:
        name: The key.
        get_converter: Called with the value that is read, or None.
    """

    def __init__(self, name: str, get_converter: Optional[Callable[[Any], T]] = None) -> None:
        self.__name__ = name
        self.get_converter = get_converter

    @overload
    def __get__(self, obj: None, owner: None) -> ConfigAttribute[T]: ...
    @overload
    def __get__(self, obj: Any, owner: Optional[type]) -> T: ...
    def __get__(self, obj: Any, owner: Optional[type] = None) -> Union[T, ConfigAttribute[T]]:
        if obj is None:
            return self
        value = obj.config[self.__name__]
        found: T = value if self.get_converter is None else self.get_converter(value)
        return found

    def __set__(self, obj: Any, value: Stored) -> None:
        obj.config[self.__name__] = value


class _Filled(Protocol):
    def __setitem__(self, key: str, value: Stored) -> None: ...
    def setdefault(self, key: str, default: Stored) -> Stored: ...
    def __getitem__(self, key: str) -> Stored: ...
    def __iter__(self) -> Iterator[str]: ...


class Loading:
    """The methods that fill a configuration; keys are names in capitals."""

    root_path: Path

    def from_mapping(self: _Filled, mapping: Optional[Mapping[str, Stored]] = None, **kwargs: Passed) -> bool:
        """Update from the keys of a mapping that are in capitals."""
        for key, value in {**(mapping or {}), **kwargs}.items():
            if key.isupper():
                self[key] = value
        return True

    def from_object(self: Any, obj: object) -> None:
        """Update from the attributes in capitals of an object or module, or of what an import path names."""
        found = _import(obj) if isinstance(obj, str) else obj
        for key in dir(found):
            if key.isupper():
                self[key] = getattr(found, key)

    def from_pyfile(self: Any, filename: Path, silent: bool = False) -> bool:
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
        self: Any,
        filename: Path,
        load: Callable[[Any], Mapping[str, Stored]],
        silent: bool = False,
        text: bool = True,
    ) -> bool:
        """Update from what `load`, such as `json.load`, returns for an open file."""
        try:
            with open(os.path.join(self.root_path, filename), "r" if text else "rb") as file:
                values = load(file)
        except OSError as error:
            return _unreadable(error, silent)
        return bool(self.from_mapping(values))

    def from_envvar(self: Any, variable_name: str, silent: bool = False) -> bool:
        """Update from the Python file that an environment variable names.

        Raises:
            RuntimeError: The variable is not set.
        """
        filename = os.environ.get(variable_name)
        if filename:
            return bool(self.from_pyfile(filename, silent=silent))
        if silent:
            return False
        raise RuntimeError(
            f"The environment variable {variable_name!r} is not set and as such configuration could not be loaded. Set "
            "it to the path of a configuration file."
        )

    def from_prefixed_env(self: Any, prefix: str = "FLASK", *, loads: Callable[[str], Any] = json.loads) -> bool:
        """Update from environment variables that start with a prefix; values that are JSON are parsed.

        ``FLASK_A__B`` sets the key B of the dict A.
        """
        start = f"{prefix}_"
        for variable in sorted(os.environ):
            if not variable.startswith(start):
                continue
            value: Stored = os.environ[variable]
            try:
                value = loads(value)
            except Exception:  # plain text; each parser has errors of its own
                pass
            key, *inner = variable[len(start) :].split("__")
            if not inner:
                self[key] = value
                continue
            place = self.setdefault(key, {})
            for name in inner[:-1]:
                place = place.setdefault(name, {})
            place[inner[-1]] = value
        return True

    def get_namespace(self: _Filled, namespace: str, lowercase: bool = True, trim_namespace: bool = True) -> Values:
        """Return the keys that start with `namespace` as a dict."""
        found = {}
        for key in self:
            if key.startswith(namespace):
                name = key[len(namespace) :] if trim_namespace else key
                found[name.lower() if lowercase else name] = self[key]
        return found


class Config(Loading, Values):
    """The configuration of an app: a dict with ways to fill it.

    Args:
        root_path: The directory that file names are relative to.
        defaults: The values to begin with.
    """

    def __init__(self, root_path: Path, defaults: Optional[Mapping[str, Stored]] = None) -> None:
        super().__init__(defaults or {})
        self.root_path = root_path

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {dict.__repr__(self)}>"


def _import(path: str) -> object:
    try:
        return importlib.import_module(path)
    except ImportError:
        module, dot, name = path.replace(":", ".").rpartition(".")
        if not dot:
            raise
        return getattr(importlib.import_module(module), name)


def _unreadable(error: OSError, silent: bool) -> bool:
    if silent:
        return False
    error.strerror = f"Unable to load configuration file ({error.strerror})"
    raise error
