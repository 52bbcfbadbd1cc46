"""The kernel of the Fenrir web framework: a small ASGI core for which plugins implement the paradigms.

Everything that the author of a plugin needs is importable from here. Importing the package
itself loads nothing: the façade and the command line need its tables alone at first.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, List

from ._version import __version__ as __version__

if TYPE_CHECKING:
    from ._public import *  # noqa: F403 - what is public is listed there


def __getattr__(name: str) -> Any:
    # `from . import app` asks here first, when `_public` may be half way through its own imports
    is_module = importlib.util.find_spec(f"{__name__}.{name}") is not None
    public = {} if is_module else vars(importlib.import_module("fenrir_core._public"))
    if name != "__all__" and name not in public.get("__all__", ()):
        raise AttributeError(f"module 'fenrir_core' has no attribute {name!r}")
    globals().update({item: public[item] for item in ("__all__", *public["__all__"])})
    return globals()[name]


def __dir__() -> List[str]:
    return sorted(importlib.import_module("fenrir_core._public").__all__)
