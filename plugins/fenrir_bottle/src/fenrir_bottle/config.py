"""Bottle's configuration dictionary."""

from __future__ import annotations

import configparser
import weakref
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Set

from .loading import load
from .structures import Values

Listener = Callable[["ConfigDict", str, Any], Any]
_MISSING: Any = object()


class ConfigDict(Values):
    """Configuration with namespaces (``some.name``), meta data of keys, and overlays.

    An overlay shows the values of its source, follows their changes, and may replace them.
    Its copies of the source's values are called virtual.
    """

    __slots__ = ("_meta", "_listeners", "_overlays", "_virtual", "_source", "__weakref__")

    def __init__(self) -> None:
        self._meta: Dict[str, Values] = {}
        self._listeners: List[Listener] = []
        self._overlays: List[weakref.ref[ConfigDict]] = []
        self._virtual: Set[str] = set()
        self._source: Optional[ConfigDict] = None

    # ------------------------------------------------------------ loading

    def load_module(self, name: str, squash: bool = True) -> ConfigDict:
        """Take the variables of a module whose names are in upper case.

        Args:
            name: The module.
            squash: Whether nested dictionaries become namespaces.
        """
        module = load(name)
        values = {key: getattr(module, key) for key in dir(module) if key.isupper()}
        if squash:
            return self.load_dict(values)
        self.update(values)
        return self

    def load_config(self, filename: Any, **options: Any) -> ConfigDict:
        """Read INI files; sections become namespaces, except ``[bottle]`` and ``[ROOT]``.

        Args:
            filename: A path or several.
            **options: For `configparser.ConfigParser`.
        """
        options.setdefault("allow_no_value", True)
        options.setdefault("interpolation", configparser.ExtendedInterpolation())
        parser = configparser.ConfigParser(**options)
        parser.read(filename)
        for section in parser.sections():
            prefix = "" if section in ("bottle", "ROOT") else section + "."
            for key in parser.options(section):
                self[(prefix + key).lower()] = parser.get(section, key)
        return self

    def load_dict(self, source: Mapping[str, Any], namespace: str = "") -> ConfigDict:
        """Take the values of a dictionary; dictionaries in it become namespaces."""
        for key, value in source.items():
            _check_key(key)
            full = f"{namespace}.{key}".strip(".")
            if isinstance(value, dict):
                self.load_dict(value, full)
            else:
                self[full] = value
        return self

    def update(self, *a: Any, **ka: Any) -> None:
        """Take values as `dict.update` does; text as first argument is a namespace for them."""
        prefix = ""
        if a and isinstance(a[0], str):
            prefix, a = a[0].strip(".") + ".", a[1:]
        for key, value in dict(*a, **ka).items():
            self[prefix + key] = value

    def setdefault(self, key: str, value: Any = None) -> Any:
        """Set a value unless the key has one, and return what it has."""
        if key not in self:
            self[key] = value
        return self[key]

    # ------------------------------------------------------------ values

    def __setitem__(self, key: str, value: Any) -> None:
        _check_key(key)
        self._virtual.discard(key)
        value = self.meta_get(key, "filter", _unchanged)(value)
        if self.get(key, _MISSING) is value:
            return
        self._changed(key, value)
        dict.__setitem__(self, key, value)
        for overlay in self._live_overlays():
            overlay._follow(key, value)

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        if key in self._virtual:
            raise KeyError(f"{key} belongs to the configuration below this overlay: delete it there.")
        if self._source is not None and key in self._source:
            dict.__delitem__(self, key)
            self._follow(key, self._source[key])
            return
        self._changed(key, None)
        dict.__delitem__(self, key)
        for overlay in self._live_overlays():
            overlay._forget(key)

    def _follow(self, key: str, value: Any) -> None:
        """Take a value of the source, unless there is one of our own."""
        if key in self and key not in self._virtual:
            return
        self._virtual.add(key)
        if self.get(key, value) is not value:
            self._changed(key, value)
        dict.__setitem__(self, key, value)
        for overlay in self._live_overlays():
            overlay._follow(key, value)

    def _forget(self, key: str) -> None:
        """Drop a value that the source no longer has."""
        if key not in self._virtual:
            return
        self._changed(key, None)
        dict.pop(self, key, None)
        self._virtual.discard(key)
        for overlay in self._live_overlays():
            overlay._forget(key)

    def _changed(self, key: str, value: Any) -> None:
        for listener in self._listeners:
            if listener(self, key, value):
                return

    def _add_change_listener(self, func: Listener) -> Listener:
        """Register a function that is called with configuration, key and value before a change."""
        self._listeners.append(func)
        return func

    # ------------------------------------------------------------ meta data and overlays

    def meta_get(self, key: str, metafield: str, default: Any = None) -> Any:
        """Return the value of a key's meta field, or `default`."""
        return self._meta.get(key, {}).get(metafield, default)

    def meta_set(self, key: str, metafield: str, value: Any) -> None:
        """Set a key's meta field, for all overlays too."""
        self._meta.setdefault(key, {})[metafield] = value

    def meta_list(self, key: str) -> Iterable[str]:
        """Return the names of a key's meta fields."""
        return self._meta.get(key, {}).keys()

    def _define(self, key: str, default: Any = _MISSING, help: Any = _MISSING, validate: Any = _MISSING) -> None:
        """Set default and meta data of a key, as plugins do."""
        if default is not _MISSING:
            self.setdefault(key, default)
        for field, value in (("help", help), ("validate", validate)):
            if value is not _MISSING:
                self.meta_set(key, field, value)

    def _live_overlays(self) -> Iterator[ConfigDict]:
        for reference in self._overlays:
            overlay = reference()
            if overlay is not None:
                yield overlay

    def _make_overlay(self) -> ConfigDict:
        """Return a new overlay of this configuration."""
        self._overlays[:] = [reference for reference in self._overlays if reference() is not None]
        overlay = ConfigDict()
        overlay._meta, overlay._source = self._meta, self
        self._overlays.append(weakref.ref(overlay))
        for key, value in self.items():
            overlay._follow(key, value)
        return overlay


def _check_key(key: object) -> None:
    if not isinstance(key, str):
        raise TypeError(f"The configuration key {key!r} is {type(key).__name__}, not str.")


def _unchanged(value: Any) -> Any:
    return value
