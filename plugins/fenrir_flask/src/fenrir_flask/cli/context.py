"""What commands know of their app."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any, Callable, Dict, Optional, TypeVar, cast

import click

from fenrir_core import App

from ..globals import current_app
from ..helpers import get_debug_flag, get_load_dotenv, has_app_context
from .locating import NoAppException, locate_app, prepare_import, split_path

F = TypeVar("F", bound=Callable[..., Any])
#: The files that are tried where no app is named.
FILES = ("wsgi.py", "app.py")


class ScriptInfo:
    """The app of a command line, loaded when a command asks for it. Commands get it as `click.Context.obj`.

    Args:
        app_import_path: Where the app is: ``module:name``, a file, or a call of a factory.
        create_app: A function that makes the app instead.
        set_debug_flag: Whether the option `--debug` decides on the app's debug mode.
        load_dotenv_defaults: Whether `.env` and `.flaskenv` are read.

    Attributes:
        data: A dict for data of commands.
    """

    def __init__(
        self,
        app_import_path: Optional[str] = None,
        create_app: Optional[Callable[..., App]] = None,
        set_debug_flag: bool = True,
        load_dotenv_defaults: bool = True,
    ) -> None:
        self.app_import_path = app_import_path
        self.create_app = create_app
        self.data: Dict[Any, Any] = {}
        self.set_debug_flag = set_debug_flag
        self.load_dotenv_defaults = get_load_dotenv(load_dotenv_defaults)
        self._loaded_app: Any = None

    def load_app(self) -> Any:
        """Return the app; it is loaded at the first call.

        Raises:
            NoAppException: There is none, or it fails while it is loaded.
        """
        if self._loaded_app is not None:
            return self._loaded_app
        app: Any = self.create_app() if self.create_app is not None else self._located()
        if app is None:
            raise NoAppException(
                "Could not locate a Flask application. Use the option `--app`, the environment variable FLASK_APP, or "
                "a file `wsgi.py` or `app.py` in this directory."
            )
        if self.set_debug_flag:
            app.debug = get_debug_flag()
        self._loaded_app = app
        return app

    def _located(self) -> Any:
        if self.app_import_path:
            path, name = split_path(self.app_import_path)
            return locate_app(prepare_import(path), name)
        for file in FILES:
            found = locate_app(prepare_import(file), None, raise_if_not_found=False)
            if found is not None:
                return found
        return None


pass_script_info = click.make_pass_decorator(ScriptInfo, ensure=True)


def with_appcontext(f: F) -> F:
    """Run a callback of click in the context of the app. Commands of `app.cli` have this already."""

    @click.pass_context
    def decorator(ctx: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        if not has_app_context():
            app = ctx.ensure_object(ScriptInfo).load_app()
            ctx.with_resource(app.app_context())
        return ctx.invoke(f, *args, **kwargs)

    return cast(F, update_wrapper(decorator, f))


def current() -> Any:
    """Return the current app."""
    return current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy, typed as what it stands for
