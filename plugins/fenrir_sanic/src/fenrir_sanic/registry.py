"""The apps of the process by name, for `Sanic.get_app`: the one place of this paradigm that all apps share.

It is weak: an app that nobody uses any more has no name. A block of `isolated_apps` has a registry of its own, so that
two tests never meet.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Callable, ClassVar, Container, Iterator, Optional, cast
from weakref import WeakValueDictionary

from .exceptions import SanicException


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


class NamedApps:
    """The methods of the class `Sanic` that find apps by name."""

    #: Whether several apps may have one name.
    test_mode: ClassVar[Any] = ReplacesApps()
    _app_registry: ClassVar[Any] = RegistryOf()
    name: str

    @classmethod
    def register_app(cls, app: Any) -> None:
        """Make an app known by its name.

        Raises:
            SanicException: It is no Sanic app, or another app has the name.
        """
        if not isinstance(app, cls):
            raise SanicException("Registered app must be an instance of Sanic")
        known = cls._app_registry
        if not cls.test_mode and is_taken(app.name, known):
            raise SanicException(f'Sanic app name "{app.name}" already in use.')
        known[app.name] = app

    @classmethod
    def unregister_app(cls, app: Any) -> None:
        """Free the name of an app.

        Raises:
            SanicException: It is no Sanic app.
        """
        if not isinstance(app, cls):
            raise SanicException("Registered app must be an instance of Sanic")
        cls._app_registry.pop(app.name, None)

    @classmethod
    def get_app(cls, name: Optional[str] = None, *, force_create: bool = False) -> Any:
        """Return the app of a name; without a name, the only app.

        Args:
            name: Its name.
            force_create: Whether one is made if there is none.

        Raises:
            SanicException: There is no such app, or without a name there are none or several.
        """
        if name is None:
            known = list(cls._app_registry.values())
            if len(known) > 1:
                raise SanicException('Multiple Sanic apps found, use Sanic.get_app("app_name")')
            if not known:
                raise SanicException("No Sanic apps have been registered.")
            return known[0]
        found = cls._app_registry.get(name)
        if found is not None:
            return found
        if name == "__main__":
            return cls.get_app("__mp_main__", force_create=force_create)
        if force_create:
            return cast("Callable[[str], NamedApps]", cls)(name)
        raise SanicException(
            f"Sanic app name '{name}' not found.\nApp instantiation must occur outside if __name__ == '__main__' block "
            "or by using an AppLoader.\nSee https://sanic.dev/en/guide/deployment/app-loader.html for more details."
        )
