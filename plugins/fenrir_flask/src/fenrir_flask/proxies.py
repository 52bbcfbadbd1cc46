"""The context locals: `request`, `g`, `session` and `current_app`.

Each looks up the current connection in the kernel's context variable, so they work in
coroutines, threads, templates, streams and background tasks.
"""

from __future__ import annotations

from typing import Any, cast

from fenrir_core import App, Connection
from fenrir_core.authoring import LocalProxy, StateProxy

from .ctx import Globals
from .request import Request
from .sessions import Session, open_session


def _app_of(connection: Connection) -> Any:
    return connection.app


#: The current request.
request: Request = cast(Request, LocalProxy("request", Request))
#: A namespace for data of the current request.
g: Globals = cast(Globals, StateProxy("g", Globals))
#: The client's session.
session: Session = cast(Session, StateProxy("session", open_session))
#: The app that serves the current request.
current_app: App = cast(App, LocalProxy("current_app", _app_of))
