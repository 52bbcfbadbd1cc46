"""Objects by their import path."""

from __future__ import annotations

import importlib
import sys
from typing import Any


def package(name: str) -> Any:
    """Return a module of an optional package, imported when it is used."""
    return importlib.import_module(name)


def load(target: str, **namespace: Any) -> Any:
    """Return a module, or what an expression in it gives.

    Args:
        target: ``package.module``, ``package.module:name`` or ``package.module:expression``.
        **namespace: Further names for the expression.
    """
    module, colon, expression = target.partition(":")
    if module not in sys.modules:
        importlib.import_module(module)
    if not colon or not expression:
        return sys.modules[module]
    if expression.isidentifier():
        return getattr(sys.modules[module], expression)
    root = module.partition(".")[0]
    # COMPAT: bottle evaluates the expression; the target comes from the author or the command line
    return eval(f"{module}.{expression}", {root: sys.modules[root], **namespace})
