"""The apps of the process by name, for `Sanic.get_app`: the one place of this paradigm that all apps share.

It is weak: an app that nobody uses any more has no name. A block of `isolated_apps` has a registry of its own, so that
two tests never meet.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Container, Iterator, Optional
from weakref import WeakValueDictionary


class AppRegistry(WeakValueDictionary):  # type: ignore[type-arg]  # no subscript at run time in Python 3.8
    """Apps by name, for as long as something else holds them."""

    #: Whether a second app of a name takes the place of the first.
    test_mode = False


_process = AppRegistry()
_registry: ContextVar[AppRegistry] = ContextVar("fenrir_sanic_apps", default=_process)


def is_taken(name: str, known: Container[str]) -> bool:
    """Return whether an app that is still used has a name."""
    if name in known:
        gc.collect()  # an app is held by cycles of its own
    return name in known


def enter_test_mode() -> None:
    """Let a second app of a name take the place of the first, from now on."""
    _registry.get().test_mode = True


@contextmanager
def isolated_apps() -> Iterator[None]:
    """Keep the apps that are made in a block, a test's for example, from those outside."""
    token = _registry.set(AppRegistry())
    try:
        yield
    finally:
        _registry.reset(token)


class RegistryOf:
    """The class attribute that is the registry; code for Sanic that replaces it has its own."""

    def __get__(self, instance: object, owner: Optional[type] = None) -> Any:
        return _registry.get()


class ReplacesApps:
    """The class attribute that says whether a second app of a name takes the place of the first."""

    def __get__(self, instance: object, owner: Optional[type] = None) -> bool:
        return _registry.get().test_mode
