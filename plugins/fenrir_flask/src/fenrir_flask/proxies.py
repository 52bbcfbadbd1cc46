"""The context locals: `request`, `g`, `session` and `current_app`.

Each finds the connection that the running code serves through the kernel's one context
variable, so they are right in coroutines, threads, templates, streams and background work.
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


#: The request that the running code serves.
request: Request = cast(Request, LocalProxy("request", Request))
#: A namespace that lives as long as the request.
g: Globals = cast(Globals, StateProxy("g", Globals))
#: The signed session of the client.
session: Session = cast(Session, StateProxy("session", open_session))
#: The app that serves the request.
current_app: App = cast(App, LocalProxy("current_app", _app_of))
