"""Settings from the environment and from a file of `KEY=value` lines."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Mapping, MutableMapping, Optional, Set, Union

__all__ = ["Config", "Environ", "EnvironError", "environ", "undefined"]


class undefined:  # Starlette's name
    """The default of a setting that has none."""


class EnvironError(Exception):
    """Raised when a variable is changed that was read already."""


class Environ(MutableMapping[str, str]):
    """The environment, in which a variable can't be changed after it was read.

    Args:
        environ: The mapping that has the variables.
    """

    def __init__(self, environ: MutableMapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._read: Set[str] = set()

    def __getitem__(self, key: str) -> str:
        self._read.add(key)
        return self._environ[key]

    def __setitem__(self, key: str, value: str) -> None:
        if key in self._read:
            raise EnvironError(f"Attempting to set environ['{key}'], but the value has already been read.")
        self._environ[key] = value

    def __delitem__(self, key: str) -> None:
        if key in self._read:
            raise EnvironError(f"Attempting to delete environ['{key}'], but the value has already been read.")
        del self._environ[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)


environ = Environ()


class Config:
    """Settings from the environment, then from a file.

    Args:
        env_file: The file.
        environ: The environment.
        env_prefix: Put before every key.
        encoding: The file's encoding.
    """

    def __init__(
        self,
        env_file: Union[str, Path, None] = None,
        environ: Mapping[str, str] = environ,
        env_prefix: str = "",
        encoding: str = "utf-8",
    ) -> None:
        self.environ, self.env_prefix = environ, env_prefix
        self.file_values: Dict[str, str] = {}
        if env_file is not None:
            if os.path.isfile(env_file):
                self.file_values = _read(Path(env_file), encoding)
            else:
                warnings.warn(f"Config file '{env_file}' not found.", stacklevel=2)

    def __call__(self, key: str, cast: Optional[Callable[[Any], Any]] = None, default: Any = undefined) -> Any:
        """Return a setting, see `get`."""
        return self.get(key, cast, default)

    def get(self, key: str, cast: Optional[Callable[[Any], Any]] = None, default: Any = undefined) -> Any:
        """Return a setting.

        Args:
            key: Its name.
            cast: Converts the text.
            default: The value if it is not set.

        Raises:
            KeyError: It is not set and there is no default.
            ValueError: `cast` raised for it.
        """
        name = self.env_prefix + key
        for values in (self.environ, self.file_values):
            if name in values:
                return self._cast(key, values[name], cast)
        if default is not undefined:
            return self._cast(key, default, cast)
        raise KeyError(f"Config '{name}' is missing, and has no default.")

    def _cast(self, key: str, value: Any, cast: Optional[Callable[[Any], Any]]) -> Any:
        if cast is None or value is None:
            return value
        if cast is bool and isinstance(value, str):
            words = {"true": True, "1": True, "false": False, "0": False}
            if value.lower() not in words:
                raise ValueError(f"Config '{key}' has value '{value}'. Not a valid bool.")
            return words[value.lower()]
        try:
            return cast(value)
        except (TypeError, ValueError):
            name = getattr(cast, "__name__", repr(cast))
            raise ValueError(f"Config '{key}' has value '{value}'. Not a valid {name}.") from None


def _read(file: Path, encoding: str) -> Dict[str, str]:
    found = {}
    for line in file.read_text(encoding).splitlines():
        key, equals, value = line.strip().partition("=")
        if equals and not key.startswith("#"):
            found[key.strip()] = value.strip().strip("\"'")
    return found
