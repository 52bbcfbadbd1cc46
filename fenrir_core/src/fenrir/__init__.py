"""The façade: every name of the documentation, from whichever installed plugin brings it.

Nothing is imported before it is asked for, and then only the plugin that has it.
"""

from __future__ import annotations

import importlib
from typing import Any, List

import fenrir_core

# `from fenrir_core import exports` would ask the package for the name first, and so load all of it
import fenrir_core.exports as tables
from fenrir_core._compat import entry_points

__version__ = fenrir_core.__version__


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module 'fenrir' has no attribute {name!r}")
    if name in tables.KERNEL_NAMES:
        value = getattr(fenrir_core, name)
    elif name in tables.EXPORTS:
        value = _from_first_party(name, f"fenrir_{tables.EXPORTS[name]}")
    else:
        value = _from_third_party(name)
    globals()[name] = value
    return value


def __dir__() -> List[str]:
    return sorted([*tables.KERNEL_NAMES, *tables.EXPORTS, "__version__"])


def _from_first_party(name: str, package: str) -> Any:
    try:
        exports = importlib.import_module(f"{package}.exports")
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise ImportError(tables.missing(name, tables.EXPORTS), name="fenrir") from None
    return getattr(exports, name)


def _from_third_party(name: str) -> Any:
    found = [point for point in entry_points("fenrir.exports") if point.name == name]
    if len(found) > 1:
        owners = " and ".join(point.distribution for point in found)
        raise ImportError(f"{name!r} is exported by {owners}: uninstall one of them.", name="fenrir")
    if not found:
        raise AttributeError(f"module 'fenrir' has no attribute {name!r}")
    module, _, attribute = found[0].value.partition(":")
    return getattr(importlib.import_module(module), attribute or name)
