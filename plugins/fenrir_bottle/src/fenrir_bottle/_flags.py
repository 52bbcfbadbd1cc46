"""The two switches of the whole process that Bottle's module has: `debug` and `NORUN`."""

from __future__ import annotations

import warnings


class Flags:
    """Process-wide switches, as Bottle's modules globals are; an app's own settings are elsewhere."""

    #: Whether error pages show tracebacks and templates are read again at each use.
    debug = False
    #: Whether `run` returns at once, because `load_app` imports a script that calls it.
    norun = False


#: COMPAT: Bottle's `DEBUG` and `NORUN` are global, and so is `bottle.debug()`.
flags = Flags()


def debug(mode: bool = True) -> None:
    """Switch debug mode on or off: error pages show tracebacks, templates are read again at each use."""
    if mode:
        warnings.simplefilter("default")
    flags.debug = bool(mode)


def depr(major: int, minor: int, cause: str, fix: str, stacklevel: int = 3) -> DeprecationWarning:
    """Warn that something is deprecated since a release of Bottle, and return the warning."""
    text = f"Deprecated since Bottle {major}.{minor}: {cause} Instead: {fix}"
    warnings.warn(text, DeprecationWarning, stacklevel=stacklevel)
    return DeprecationWarning(text)
