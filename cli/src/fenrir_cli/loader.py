"""Importing of the app that a target names, with one-line errors."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import sys
import sysconfig
import traceback
from types import ModuleType
from typing import Any, Callable, Iterable, List, Optional, Set, Tuple, cast

from .errors import MISUSED, CliError
from .target import ATTRIBUTES, FACTORIES, AppTarget


def load_app(target: AppTarget, factory: bool = False) -> Any:
    """Import the module and return its app.

    Args:
        target: The app's name.
        factory: Whether the attribute is called for the app.

    Raises:
        CliError: There is no such module or attribute, the user's code fails, or the object is no app; or an
            alias of the environment variable `FENRIR_AS` can't be installed.
    """
    _install_aliases()
    if target.directory not in sys.path:
        sys.path.insert(0, target.directory)
    module = import_module(target.module)
    name, found = _attribute(module, target)
    make = factory or target.call
    if not make and target.attribute is None and name in FACTORIES:
        make = True
    if make:
        found = _made(found, f"{target.module}:{name}")
    _check(found, f"{target.module}:{name}")
    return found


def _install_aliases() -> None:
    from fenrir_core.alias import VARIABLE, AliasError, install_from_environment

    try:
        install_from_environment()
    except AliasError as error:
        raise CliError(str(error), [f"Asked for by --as or the environment variable {VARIABLE}."], MISUSED) from error


def require_fenrir(app: Any, target: AppTarget) -> Any:
    """Return the app if it is one of Fenrir's, built.

    Raises:
        CliError: It is another ASGI app, or its build fails.
    """
    from fenrir_core import App

    if not isinstance(app, App):
        raise CliError(
            f"{target} is of type {type(app).__name__}, not a Fenrir app: it can be run, but not looked into."
        )
    return built(app)


def built(app: Any) -> Any:
    """Build the app if it is one of Fenrir's, so that its build errors are reported now.

    Raises:
        CliError: Its build fails.
    """
    from fenrir_core import App, BuildError

    if isinstance(app, App):
        try:
            app.build()
        except BuildError as error:
            raise CliError(str(error)) from error
        except Exception as error:
            raise user_error(error, "Building the app failed") from error
    return app


def import_module(name: str) -> ModuleType:
    """Import a module of the user.

    Raises:
        CliError: There is none, or it fails; the message shows the user's own line of code.
    """
    from fenrir_core.exports import is_missing

    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if not is_missing(name, error):
            raise user_error(error, f"Importing {name} failed") from error
        raise _no_module(name, str(error.name)) from error
    except (Exception, SystemExit) as error:
        found = user_error(error, f"Importing {name} failed")
        if "no known parent package" in str(error):
            package = os.path.basename(os.getcwd())
            found.details += (f"It is a part of a package: name it from above, cd .. and then {package}.{name}",)
        raise found from error


def _no_module(name: str, missing: str) -> CliError:
    here = sorted(
        entry[:-3] if entry.endswith(".py") else entry
        for entry in os.listdir(os.getcwd())
        if entry.endswith(".py") or os.path.isfile(os.path.join(entry, "__init__.py"))
    )
    from fenrir_core.authoring import did_you_mean

    there = f"Modules here: {', '.join(here[:8])}." if here else f"There is no Python module in {os.getcwd()}."
    hint = did_you_mean(missing, here, there, most=3)
    inside = "" if missing == name else f" (to import {name})"
    return CliError(f"There is no module named {missing!r}{inside}. {hint}")


def _attribute(module: ModuleType, target: AppTarget) -> Tuple[str, Any]:
    if target.attribute is not None:
        found: Any = module
        for part in target.attribute.split("."):
            if not hasattr(found, part):
                raise _no_attribute(module, target.attribute, part, found)
            found = getattr(found, part)
        return target.attribute, found
    for name in ATTRIBUTES:
        if callable(getattr(module, name, None)):
            return name, getattr(module, name)
    apps = _fenrir_apps(module)
    if len(apps) == 1:
        return apps[0], getattr(module, apps[0])
    if apps:
        raise CliError(f"{_file(module)} has several apps: {', '.join(apps)}. Say which: {module.__name__}:{apps[0]}")
    for name in FACTORIES:
        if callable(getattr(module, name, None)):
            return name, getattr(module, name)
    raise CliError(
        f"{_file(module)} has no app: none of {', '.join(ATTRIBUTES)}, and no {FACTORIES[0]}(). "
        f"Say how it is called: {module.__name__}:NAME"
    )


def _no_attribute(module: ModuleType, whole: str, part: str, holder: Any) -> CliError:
    public = [name for name in vars(holder) if not name.startswith("_")] if hasattr(holder, "__dict__") else []
    from fenrir_core.authoring import did_you_mean

    apps = _fenrir_apps(module)
    hint = did_you_mean(part, public, f"It has the app {', '.join(apps)}." if apps else "", lead=" ", most=3)
    return CliError(f"{_file(module)} has no {whole!r}.{hint}")


def _fenrir_apps(module: ModuleType) -> List[str]:
    from fenrir_core import App

    return [name for name, value in vars(module).items() if isinstance(value, App) and not name.startswith("_")]


def _made(factory: Any, label: str) -> Any:
    if not callable(factory):
        raise CliError(f"{label} is no factory: {factory!r:.40} can't be called.")
    required = _required(factory)
    if required:
        raise CliError(
            f"{label} is no factory: it must be callable without arguments, but wants {', '.join(required)}."
        )
    from fenrir_core import BuildError

    try:
        app = cast(Callable[[], Any], factory)()
    except BuildError as error:
        raise CliError(str(error)) from error
    except (Exception, SystemExit) as error:
        raise user_error(error, f"The factory {label} failed") from error
    if inspect.iscoroutine(app):
        app.close()
        raise CliError(f"The factory {label} is asynchronous: make it a plain function that returns the app.")
    if app is None:
        raise CliError(f"The factory {label} returned None: it must return the app.")
    return app


def _check(app: Any, label: str) -> None:
    """Raise an error for what is certainly no ASGI app."""
    if inspect.isclass(app):
        name = app.__name__
        raise CliError(f"{label} is the class {name}, not an app: make one, for example app = {name}().")
    if not callable(app):
        raise CliError(f"{label} is {app!r:.40}, not an ASGI app: it can't be called.")
    required = _required(app)
    if required is None:
        return
    if inspect.isfunction(app) and not required and not _takes(app, 3):
        raise CliError(
            f"{label} is a function without ASGI's (scope, receive, send): if it makes the app, add --factory."
        )
    if len(required) != 3 and not _takes(app, 3):
        wsgi = " It looks like a WSGI app: mount it with app.mount_wsgi(...)." if len(required) == 2 else ""
        raise CliError(f"{label} is not an ASGI app: it can't be called with (scope, receive, send).{wsgi}")


def _required(function: Any) -> Optional[List[str]]:
    """Return the names of the parameters that have no default; None if that is unknown."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    return [
        param.name
        for param in signature.parameters.values()
        if param.default is param.empty and param.kind not in (param.VAR_POSITIONAL, param.VAR_KEYWORD)
    ]


def _takes(function: Any, count: int) -> bool:
    try:
        inspect.signature(function).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def user_error(error: BaseException, what: str) -> CliError:
    """Return the error for an exception in the user's code: their line and the exception, nothing of Fenrir's."""
    from fenrir_core import BuildError

    if isinstance(error, BuildError):
        return CliError(str(error))
    if isinstance(error, SyntaxError) and error.filename:
        line = (error.text or "").rstrip("\n")
        details = []
        if line.strip():
            indent = len(line) - len(line.lstrip())
            details = [line.strip(), " " * max((error.offset or 1) - 1 - indent, 0) + "^"]
        where = f"{shorten(error.filename)}:{error.lineno}"
        return CliError(f"{what}: {where}: {type(error).__name__}: {error.msg}", details)
    described = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    frame = _user_frame(error)
    if frame is None:
        return CliError(f"{what}: {described}")
    return CliError(f"{what}: {shorten(frame.filename)}:{frame.lineno}: {described}", _line_of(frame))


def user_line(error: BaseException) -> str:
    """Return the user's own line that raised an exception, with file and number; or an empty string."""
    frame = _user_frame(error)
    return "" if frame is None else f"{shorten(frame.filename)}:{frame.lineno} {' '.join(_line_of(frame))}"


def _line_of(frame: traceback.FrameSummary) -> List[str]:
    if not frame.line:
        return []
    return [frame.line if frame.name == "<module>" else f"in {frame.name}: {frame.line}"]


def _user_frame(error: BaseException) -> Optional[traceback.FrameSummary]:
    """Return the innermost frame of the user's own files; of any file, if there is none."""
    others = library_directories()
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if is_users(frame.filename, others)]
    return own[-1] if own else None


def library_directories() -> Set[str]:
    """Return the directories of code that is not the user's: Python's, the installed packages', Fenrir's."""
    libraries = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return {os.path.realpath(path) for path in libraries} | _own_directories()


def is_users(filename: str, others: Set[str]) -> bool:
    """Return whether a file is the user's own, that is, outside of `others`."""
    return not filename.startswith("<") and not _is_in(os.path.realpath(filename), others)


def _own_directories() -> Set[str]:
    """Return the directories of Fenrir's packages and plugins, also of those outside site-packages."""
    found = set()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and "." not in name and (name == "fenrir" or name.startswith("fenrir_")):
            found.add(os.path.dirname(os.path.realpath(file)))
    return found


def _is_in(path: str, directories: Iterable[str]) -> bool:
    return any(path.startswith(directory + os.sep) for directory in directories)


def shorten(path: str) -> str:
    """Return a path relative to the working directory, if it is in there."""
    here = os.getcwd() + os.sep
    return path[len(here) :] if path.startswith(here) else path


def _file(module: ModuleType) -> str:
    return shorten(getattr(module, "__file__", None) or module.__name__)
