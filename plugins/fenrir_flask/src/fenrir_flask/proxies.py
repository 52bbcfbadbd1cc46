"""The context locals: `request`, `g`, `session` and `current_app`.

Each looks up the current connection in the kernel's context variable, so they work in
coroutines, threads, templates, streams and background tasks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union, cast

from fenrir_core import App, Connection
from fenrir_core.authoring import LocalProxy, StateProxy

from .config import Config
from .ctx import Globals
from .request import Request
from .sessions import Session, open_session

if TYPE_CHECKING:
    import logging

    import jinja2

    class CurrentApp(App):
        """The app as type checkers see it: a `Flask`, or a hybrid app, which has the first three."""

        @property
        def config(self) -> Config:
            """The configuration: the settings by Flask's names, and the application's own keys."""

        @property
        def jinja_env(self) -> jinja2.Environment:
            """The Jinja2 environment, created at its first use."""

        secret_key: Union[str, bytes, None]
        debug: bool
        testing: bool
        import_name: str
        name: str
        logger: logging.Logger


def _app_of(connection: Connection) -> Any:
    return connection.app


#: The current request.
request: Request = cast(Request, LocalProxy("request", Request))
#: A namespace for data of the current request.
g: Globals = cast(Globals, StateProxy("g", Globals))
#: The client's session.
session: Session = cast(Session, StateProxy("session", open_session))
#: The app that serves the current request.
current_app: CurrentApp = cast("CurrentApp", LocalProxy("current_app", _app_of))
