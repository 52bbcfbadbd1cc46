"""The configuration of a Sanic app: a dict whose items are attributes too."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Optional

#: The settings that have a meaning here, with their defaults; others are kept for the app's own use.
DEFAULTS: Mapping[str, Any] = {
    "ACCESS_LOG": False,
    "FALLBACK_ERROR_FORMAT": "auto",
    "REQUEST_MAX_SIZE": 100_000_000,
}


class Config(Dict[str, Any]):
    """The settings of an app by name, some of them from environment variables.

    Args:
        defaults: Values that override the framework's own.
        env_prefix: The prefix of the environment variables to read; None or ``""`` for none.
    """

    def __init__(self, defaults: Optional[Mapping[str, Any]] = None, env_prefix: Optional[str] = "SANIC_") -> None:
        super().__init__({**DEFAULTS, **(defaults or {})})
        if env_prefix:
            self.load_environment_vars(env_prefix)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"Config has no {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def load_environment_vars(self, prefix: str) -> None:
        """Read the environment variables that begin with a prefix, as int, float, bool or str."""
        for key, text in os.environ.items():
            if key.startswith(prefix) and key.isupper():
                self[key[len(prefix) :]] = _typed(text)

    def update_config(self, config: Any) -> None:
        """Copy the upper-case names of a mapping or an object."""
        found = config if isinstance(config, Mapping) else vars(config)
        self.update({key: value for key, value in found.items() if key.isupper()})


def _typed(text: str) -> Any:
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    word = text.lower()
    if word in ("y", "yes", "yep", "yup", "t", "true", "on", "enable", "enabled"):
        return True
    return False if word in ("n", "no", "f", "false", "off", "disable", "disabled") else text
