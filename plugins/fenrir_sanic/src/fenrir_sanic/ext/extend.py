"""What `app.ext` is."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any, Dict, Mapping, Optional, Type

from ..values import AnyCallable
from . import cors
from .injection import Dependency


def sanic_ext_applies() -> bool:
    """Return whether sanic-ext is installed and takes our apps: where `sanic` is an alias of this package."""
    aliased = sys.modules.get("sanic") is sys.modules[__name__.split(".")[0]]
    return aliased and ("sanic_ext" in sys.modules or find_spec("sanic_ext") is not None)


def extend_class() -> Type[Any]:
    """Return sanic-ext's `Extend` where it applies, else our own."""
    if sanic_ext_applies():
        from sanic_ext import Extend as Theirs  # type: ignore[import-not-found,unused-ignore]  # optional

        found: Type[Any] = Theirs
        return found
    return Extend


class Extend:
    """Our own extensions of an app: dependencies by type, constants, and CORS by the app's configuration.

    Args:
        app: The app.
        config: Names and values for the app's configuration.
        **options: Accepted as in sanic-ext.
    """

    def __init__(self, app: Any, *, config: Optional[Mapping[str, object]] = None, **options: object) -> None:
        self.app = app
        #: What makes the values of parameters, by their type.
        self.dependencies: Dict[type, Dependency] = {}
        #: The values of parameters without a type of a dependency, by name.
        self.constants: Dict[str, object] = {}
        app.config.update({name.upper(): value for name, value in (config or {}).items()})
        app.ctx._dependencies = SimpleNamespace()
        cors.add(app)

    def add_dependency(
        self, type: type, constructor: Optional[AnyCallable] = None, request_arg: Optional[str] = None
    ) -> None:
        """Fill the parameters of a type in handlers.

        Args:
            type: The type.
            constructor: Makes a value, or an awaitable of it: of the request, other dependencies by type and the values
                of the path; the type itself by default.
            request_arg: The parameter of the constructor that takes the request.
        """
        self.dependencies[type] = Dependency(constructor or type, request_arg)

    injection = add_dependency

    def dependency(self, obj: object, name: Optional[str] = None) -> None:
        """Keep an object in ``app.ctx._dependencies``, by its class's name by default."""
        setattr(self.app.ctx._dependencies, name or type(obj).__name__.lower(), obj)

    def add_constant(self, name: str, value: object, overwrite: bool = False) -> None:
        """Fill the parameters of a name in handlers.

        Raises:
            ValueError: There is such a constant already.
        """
        key = name.lower()
        if key in self.constants and not overwrite:
            raise ValueError(f"A constant {key!r} was added before: give overwrite=True to replace it.")
        self.constants[key] = value

    def load_constants(self, constants: Optional[Mapping[str, object]] = None, overwrite: bool = True) -> None:
        """Add constants: by default the upper-case names of the app's configuration."""
        found = constants or {name: value for name, value in self.app.config.items() if name.isupper()}
        for name, value in found.items():
            self.add_constant(name, value, overwrite)
