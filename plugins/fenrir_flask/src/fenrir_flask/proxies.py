"""The context locals: `request`, `g`, `session` and `current_app`.

Each finds the connection that the running code serves through the kernel's one context
variable, so they are right in coroutines, threads, templates, streams and background work.
"""

from __future__ import annotations

from typing import Any, Dict, cast

from fenrir_core import App, Connection, NoRequest
from fenrir_core import current as current_context
from fenrir_core.authoring import LocalProxy

from .ctx import Globals
from .request import Request
from .sessions import Session, open_session

_connection = current_context.get


class Kept(LocalProxy):
    """Stand for an object that knows no connection, and so may outlive the request in tasks that it has started."""

    __slots__ = ()

    def _get_current_object(self) -> Any:
        try:
            connection = _connection()
        except LookupError:
            raise NoRequest(self._local_name) from None
        state: Dict[Any, Any] = connection.state
        kind = self._local_kind
        if kind not in state:
            state[kind] = kind(connection)
        return state[kind]

    def __getattr__(self, name: str) -> Any:
        # PERF: `g.user` comes through here, so the look-up is written out
        try:
            state: Dict[Any, Any] = _connection().state
            return getattr(state[self._local_kind], name)
        except LookupError:
            if name[:2] == "__":
                raise AttributeError(name) from None
            return getattr(self._get_current_object(), name)


def _app_of(connection: Connection) -> Any:
    return connection.app


#: The request that the running code serves.
request: Request = cast(Request, LocalProxy("request", Request))
#: A namespace that lives as long as the request.
g: Globals = cast(Globals, Kept("g", Globals))
#: The signed session of the client.
session: Session = cast(Session, Kept("session", open_session))
#: The app that serves the request.
current_app: App = cast(App, LocalProxy("current_app", _app_of))
