"""The façade: every name of the documentation, from whichever installed plugin brings it.

Nothing is imported before it is asked for, and then only the plugin that has it.
"""

from __future__ import annotations

from typing import Any, List

import fenrir_core

# `from fenrir_core import exports` would ask the package for the name first, and so load all of it
import fenrir_core.exports as exports

__version__ = fenrir_core.__version__


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return __dir__()
    if name.startswith("_"):
        raise AttributeError(f"module 'fenrir' has no attribute {name!r}")
    if name in exports.KERNEL_NAMES:
        value = getattr(fenrir_core, name)
    else:
        points = exports.exported().get(name)
        if points is None:
            hint = exports.missing_name(name)
            if hint is not None:
                raise ImportError(hint, name="fenrir")
            raise AttributeError(f"module 'fenrir' has no attribute {name!r}")
        value = exports.load_export(name, points)
    globals()[name] = value
    return value


def __dir__() -> List[str]:
    return sorted({*exports.KERNEL_NAMES, *exports.exported(), "__version__"})
