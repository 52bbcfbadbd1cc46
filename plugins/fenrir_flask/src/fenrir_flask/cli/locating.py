"""How an app is found: in a module, by a name, or by calling a function that makes it."""

from __future__ import annotations

import ast
import inspect
import os
import re
import sys
import traceback
from types import ModuleType
from typing import Any, List, Optional, Tuple

import click

from fenrir_core import App

from .._types import Function, Passed, Values


class NoAppException(click.UsageError):
    """Raised when no app can be found or made; the message tells where it was looked for."""


def find_best_app(module: Any) -> App:
    """Return the app of a module: `app` or `application`, the only one, or what `create_app` or `make_app` makes.

    Raises:
        NoAppException: There is none, several are there, or the function needs arguments.
    """
    for name in ("app", "application"):
        found = getattr(module, name, None)
        if isinstance(found, App):
            return found
    found_apps = [value for value in vars(module).values() if isinstance(value, App)]
    if len(found_apps) == 1:
        return found_apps[0]
    name = module.__name__
    if found_apps:
        raise NoAppException(
            f"There are several Flask applications in module {name!r}. Say which: '{name}:name'.",
        )
    for factory in ("create_app", "make_app"):
        function = getattr(module, factory, None)
        if inspect.isfunction(function):
            made = _call(
                function,
                f"The factory {factory!r} in module {name!r} can't be called without arguments. Pass them: "
                f"'{name}:{factory}(args)'.",
            )
            if isinstance(made, App):
                return made
    raise NoAppException(
        f"There is no Flask application or factory in module {name!r}. Say which attribute it is: '{name}:name'."
    )


def find_app_by_string(module: Any, app_name: str) -> App:
    """Return the app that an expression names: an attribute, or a call with literal arguments.

    Args:
        module: The module.
        app_name: ``name``, ``factory()``, ``factory("dev", debug=True)``.

    Raises:
        NoAppException: It is none of these, the module has none of that name, or it is no app.
    """
    name, args, kwargs = _parsed(app_name)
    where = getattr(module, "__name__", repr(module))
    if not hasattr(module, name):
        raise NoAppException(f"The module {where!r} has no attribute {name!r}.")
    found: Any = getattr(module, name)
    if inspect.isfunction(found):
        message = f"The factory {app_name!r} in module {where!r} can't be called with these arguments."
        found = _call(found, message, *args, **kwargs)
    if isinstance(found, App):
        return found
    raise NoAppException(f"{where}:{app_name} is {found!r:.80}, which is not a Flask application.")


def _parsed(text: str) -> Tuple[str, List[Any], Values]:
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise NoAppException(f"{text!r} is neither the name of an attribute nor a call of a function.") from None
    if isinstance(node, ast.Name):
        return node.id, [], {}
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        raise NoAppException(f"{text!r} is neither the name of an attribute nor a call of a function by its name.")
    try:
        args = [ast.literal_eval(item) for item in node.args]
        kwargs = {str(item.arg): ast.literal_eval(item.value) for item in node.keywords}
    except ValueError:
        raise NoAppException(f"The arguments in {text!r} must be literals: numbers, strings, True and so on.") from None
    return node.func.id, args, kwargs


def _call(function: Function, message: str, /, *args: Passed, **kwargs: Passed) -> Any:
    """Call a factory; a TypeError of the call itself, not of its code, becomes the message."""
    try:
        return function(*args, **kwargs)
    except TypeError as error:
        frame = error.__traceback__
        while frame is not None:
            if frame.tb_frame.f_code is function.__code__:
                raise
            frame = frame.tb_next
        raise NoAppException(message) from error


def prepare_import(path: str) -> str:
    """Return the dotted name of a file or package, whose root directory is put first in `sys.path`."""
    path = os.path.realpath(path)
    stem, extension = os.path.splitext(path)
    path = stem if extension == ".py" else path
    if os.path.basename(path) == "__init__":
        path = os.path.dirname(path)
    parts: List[str] = []
    while True:
        path, part = os.path.split(path)
        parts.insert(0, part)
        if not os.path.exists(os.path.join(path, "__init__.py")):
            break
    if sys.path[0] != path:
        sys.path.insert(0, path)
    return ".".join(parts)


def locate_app(module_name: str, app_name: Optional[str], raise_if_not_found: bool = True) -> Optional[App]:
    """Import a module and return its app.

    Args:
        module_name: The module's dotted name.
        app_name: Which app, see `find_app_by_string`; None to look for it.
        raise_if_not_found: Whether a module that is missing is an error.

    Raises:
        NoAppException: The module is missing or fails while it is imported, or has no app.
    """
    try:
        __import__(module_name)
    except ImportError as error:
        if error.__traceback__ is not None and error.__traceback__.tb_next is not None and _is_inside(error):
            raise NoAppException(
                f"The import of {module_name!r} raised an ImportError:\n\n{traceback.format_exc()}"
            ) from None
        if raise_if_not_found:
            raise NoAppException(f"Could not import {module_name!r}.") from None
        return None
    module: ModuleType = sys.modules[module_name]
    return find_best_app(module) if app_name is None else find_app_by_string(module, app_name)


def _is_inside(error: ImportError) -> bool:
    """Return whether an import failed in the code of the module, and not because it is missing."""
    frame = error.__traceback__
    while frame is not None:
        name = frame.tb_frame.f_globals.get("__name__", "")
        if name != __name__ and not name.startswith(("importlib", "_frozen_importlib", "fenrir_core.alias")):
            return True
        frame = frame.tb_next
    return False


def split_path(path: str) -> Tuple[str, Optional[str]]:
    """Return the module or file and the app's name of ``module:name``; a drive letter is no module."""
    name, *rest = re.split(r":(?![\\/])", path, maxsplit=1)
    return name, rest[0] if rest else None
