"""Reports on an app's settings, as plain values."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any, List, Optional

#: Names of settings whose values are secret.
_SECRET = re.compile(r"secret|password|passwd|token|credential|private|(^|_)key$", re.IGNORECASE)
HIDDEN = "(hidden)"
#: The password in a URL, such as that of a database.
_URL_PASSWORD = re.compile(r"(://[^@/\s'\"]*?:)[^@/\s'\"]+(?=@)")


@dataclass(frozen=True)
class SettingReport:
    """A report on one setting.

    Args:
        value: As Python writes it; hidden where it is a secret that is set, or the password in a URL.
        origin: ``default``, ``environment``, or ``app`` if the app's author set it.
        owner: The plugin that declares it, or ``kernel``.
        variable: The environment variable that sets it, or None.
    """

    name: str
    value: str
    default: str
    origin: str
    owner: str
    variable: Optional[str]
    help: str


def settings_of(app: Any, show_secrets: bool = False) -> List[SettingReport]:
    """List the settings of a Fenrir app, the kernel's first, then by plugin as they were declared."""
    found = []
    for name, given in app.settings.declared.items():
        setting, value = given.value, app.settings[name]
        is_hidden = bool(value) and not show_secrets and _SECRET.search(name) is not None
        found.append(
            SettingReport(
                name,
                HIDDEN if is_hidden else _shown(value, show_secrets),
                repr(setting.default),
                _origin(setting, value),
                given.by.plugin,
                setting.env,
                setting.help,
            )
        )
    return found


def _shown(value: Any, show_secrets: bool) -> str:
    return repr(value) if show_secrets else _URL_PASSWORD.sub(rf"\1{HIDDEN}", repr(value))


def _origin(setting: Any, value: Any) -> str:
    if setting.env is not None and setting.env in os.environ:
        try:
            if setting.type(os.environ[setting.env]) == value:
                return "environment"
        except (TypeError, ValueError):
            pass
    return "default" if value == setting.default else "app"
