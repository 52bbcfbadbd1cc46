"""The configuration of a Sanic app: a dict whose items are attributes too."""

from __future__ import annotations

import os
from abc import ABC, ABCMeta, abstractmethod
from inspect import isclass
from pathlib import Path
from typing import Any, List, Mapping, Optional, Sequence, Union

from .constants import LocalCertCreator
from .errorpages import DEFAULT_FORMAT, check_error_format
from .helpers import Default, _default
from .log import error_logger
from .utils import load_module_from_file_location, str_to_bool
from .values import AnyCallable, Values

SANIC_PREFIX = "SANIC_"
#: The settings of Sanic with their defaults; those of its own server are kept, and have no effect here.
DEFAULT_CONFIG: Values = {
    "_FALLBACK_ERROR_FORMAT": _default,
    "ACCESS_LOG": False,
    "AUTO_EXTEND": True,
    "AUTO_RELOAD": False,
    "EVENT_AUTOREGISTER": False,
    "DEPRECATION_FILTER": "once",
    "FORWARDED_FOR_HEADER": "X-Forwarded-For",
    "FORWARDED_SECRET": None,
    "GRACEFUL_SHUTDOWN_TIMEOUT": 15.0,
    "GRACEFUL_TCP_CLOSE_TIMEOUT": 5.0,
    "INSPECTOR": False,
    "INSPECTOR_HOST": "localhost",
    "INSPECTOR_PORT": 6457,
    "INSPECTOR_TLS_KEY": _default,
    "INSPECTOR_TLS_CERT": _default,
    "INSPECTOR_API_KEY": "",
    "KEEP_ALIVE_TIMEOUT": 120,
    "KEEP_ALIVE": True,
    "LOCAL_CERT_CREATOR": LocalCertCreator.AUTO,
    "LOCAL_TLS_KEY": _default,
    "LOCAL_TLS_CERT": _default,
    "LOCALHOST": "localhost",
    "LOG_EXTRA": _default,
    "MOTD": True,
    "MOTD_DISPLAY": {},
    "NO_COLOR": False,
    "NOISY_EXCEPTIONS": False,
    "PROXIES_COUNT": None,
    "REAL_IP_HEADER": None,
    "REQUEST_BUFFER_SIZE": 65536,
    "REQUEST_MAX_HEADER_SIZE": 8192,
    "REQUEST_ID_HEADER": "X-Request-ID",
    "REQUEST_MAX_SIZE": 100_000_000,
    "REQUEST_TIMEOUT": 60,
    "RESPONSE_TIMEOUT": 60,
    "TLS_CERT_PASSWORD": "",
    "TOUCHUP": _default,
    "USE_UVLOOP": _default,
    "WEBSOCKET_MAX_SIZE": 2**20,
    "WEBSOCKET_PING_INTERVAL": 20,
    "WEBSOCKET_PING_TIMEOUT": 20,
}
Converter = AnyCallable


class DescriptorMeta(ABCMeta):
    """The metaclass of `Config`: it knows the properties, so that assigning an item of their name sets them."""

    __setters__: List[str]

    def __init__(cls, *args: Any) -> None:
        super().__init__(*args)
        cls.__setters__ = [
            name for base in cls.__mro__ for name, item in vars(base).items() if isinstance(item, property)
        ]


class DetailedConverter(ABC):
    """The base of converters of environment variables that see more than the text."""

    @abstractmethod
    def __call__(self, full_key: str, config_key: str, value: str, defaults: Values) -> Any:
        """Return the value.

        Args:
            full_key: The variable's name.
            config_key: The same without the prefix.
            value: The text.
            defaults: The defaults.

        Raises:
            ValueError: Another converter should try.
        """


class Config(Values, metaclass=DescriptorMeta):
    """The settings of an app by name, some of them from environment variables.

    Args:
        defaults: Values that override the framework's own.
        env_prefix: The prefix of the environment variables to read; None or ``""`` for none.
        keep_alive: The value of `KEEP_ALIVE`.
        converters: Further functions that make values of texts; the last one is tried first.
    """

    def __init__(
        self,
        defaults: Optional[Mapping[str, Any]] = None,
        env_prefix: Optional[str] = SANIC_PREFIX,
        keep_alive: Optional[bool] = None,
        *,
        converters: Optional[Sequence[Converter]] = None,
    ) -> None:
        object.__setattr__(self, "defaults", {**DEFAULT_CONFIG, **(defaults or {})})
        super().__init__(self.defaults)
        object.__setattr__(self, "_converters", [str, str_to_bool, float, int])
        for converter in converters or ():
            self.register_type(converter)
        if keep_alive is not None:
            self.KEEP_ALIVE = keep_alive
        if env_prefix:
            self.load_environment_vars(env_prefix)
        check_error_format(self.FALLBACK_ERROR_FORMAT)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"Config has no {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def __setitem__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def update(self, *others: Any, **values: Any) -> None:
        """Set items of mappings or pairs."""
        given: Values = {}
        for other in others:
            given.update(other)
        for name, value in {**given, **values}.items():
            if name in type(self).__setters__:
                object.__setattr__(self, name, value)
            elif name == "LOCAL_CERT_CREATOR" and not isinstance(value, LocalCertCreator):
                super().__setitem__(name, LocalCertCreator[str(value).upper()])
            else:
                super().__setitem__(name, value)

    @property
    def FALLBACK_ERROR_FORMAT(self) -> str:
        """The format of error pages where a route has none: ``html``, ``json``, ``text`` or ``auto``."""
        found = self["_FALLBACK_ERROR_FORMAT"]
        return DEFAULT_FORMAT if isinstance(found, Default) else str(found)

    @FALLBACK_ERROR_FORMAT.setter
    def FALLBACK_ERROR_FORMAT(self, value: str) -> None:
        check_error_format(value)
        before = self["_FALLBACK_ERROR_FORMAT"]
        if not isinstance(before, Default) and value != before:
            error_logger.warning(
                "Setting config.FALLBACK_ERROR_FORMAT on an already configured value may have unintended consequences."
            )
        super().__setitem__("_FALLBACK_ERROR_FORMAT", value)

    def load_environment_vars(self, prefix: str = SANIC_PREFIX) -> None:
        """Read the environment variables that begin with a prefix, by the converters."""
        for key, text in os.environ.items():
            if key.startswith(prefix) and key.isupper():
                self[key[len(prefix) :]] = self._converted(key, key[len(prefix) :], text)

    def _converted(self, key: str, name: str, text: str) -> Any:
        for converter in reversed(self._converters):
            try:
                if isinstance(converter, DetailedConverter):
                    return converter(key, name, text, self.defaults)
                return converter(text)
            except ValueError:
                continue
        return text

    def update_config(self, config: Union[bytes, str, Path, Mapping[str, Any], Any]) -> None:
        """Copy the upper-case names of a mapping, an object, a class, or a file.

        Args:
            config: The source; a path may have ``${NAME}`` in it, and a dotted name is imported.

        Raises:
            PyFileError: The file is no valid Python.
            LoadFileException, OSError: It can't be found.
        """
        if isinstance(config, (bytes, str, Path)):
            config = load_module_from_file_location(config)
        found = config if isinstance(config, Mapping) else _attributes(config)
        self.update({key: value for key, value in found.items() if key.isupper() or key[:1].isupper()})

    load = update_config

    def register_type(self, converter: Converter) -> None:
        """Add a function that makes values of texts; it is tried before the others."""
        if converter in self._converters:
            name = getattr(converter, "__name__", type(converter).__name__)
            error_logger.warning(f"Configuration value converter '{name}' has already been registered")
            return
        self._converters.append(converter)


def _attributes(source: Any) -> Values:
    own = dict(vars(source)) if hasattr(source, "__dict__") else {}
    if isclass(source):
        return own
    return {**own, **{name: getattr(source, name) for name in vars(type(source)) if not name.startswith("__")}}
