"""Loaders: how an app is found by its name or made by a factory."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from inspect import isfunction
from typing import Any, Callable, Optional

DEFAULT_APP_NAME = "app"


class AppLoader:
    """How an app is loaded: from a module, or by a factory.

    Args:
        module_input: ``module:app``, ``module:factory()``, or a module that has an `app`.
        as_factory: Whether what the name leads to is called.
        as_simple: Whether a directory of files is served; refused.
        args: What a factory is called with, if it takes anything.
        factory: A function that returns the app, in the place of a module.
    """

    def __init__(
        self,
        module_input: str = "",
        as_factory: bool = False,
        as_simple: bool = False,
        args: Any = None,
        factory: Optional[Callable[[], Any]] = None,
    ) -> None:
        self.module_input, self.args, self.factory = module_input, args, factory
        self.as_factory, self.as_simple, self.cwd = as_factory, as_simple, os.getcwd()
        self.module_name = self.app_name = ""
        delimiter = ":" if ":" in module_input else "."
        if delimiter in module_input and not {"/", "\\"}.intersection(module_input):
            self.module_name, _, self.app_name = module_input.rpartition(delimiter)
            if self.app_name.endswith("()"):
                self.as_factory, self.app_name = True, self.app_name[:-2]

    def load(self) -> Any:
        """Return the app.

        Raises:
            ValueError: The module has no app, or a factory can't be called.
        """
        if self.factory is not None:
            return self.factory()
        if self.as_simple:
            raise ValueError("A directory of files is served by `app.static`, not by a loader.")
        if self.cwd not in sys.path:
            sys.path.append(self.cwd)
        module = import_module(self.module_name or self.module_input)
        found = getattr(module, self.app_name or DEFAULT_APP_NAME, None)
        if found is None:
            raise ValueError(
                f"{module.__name__} has no {self.app_name or DEFAULT_APP_NAME!r}: name the app or the function that "
                f'returns it, for example "{module.__name__}:create_app()".'
            )
        if not self.as_factory and not isfunction(found):
            return found
        if not callable(found):
            raise ValueError(f"Expected a callable, but got {type(found).__name__}.")
        try:
            return found(self.args)
        except TypeError:
            return found()


class CertLoader:
    """How certificates are loaded; the server does that.

    Args:
        ssl_data: The settings.
    """

    def __init__(self, ssl_data: Any) -> None:
        self.ssl_data = ssl_data
