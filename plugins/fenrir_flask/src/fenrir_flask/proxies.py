"""The context locals: `request`, `g`, `session`, `current_app` and `app_ctx`.

Each looks up the current connection in the kernel's context variable, so they work in
coroutines, threads, templates, streams and background tasks.
"""
# ruff: noqa: D102  # the methods of `CurrentApp` are described in `Flask`

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Optional, Type, cast

from fenrir_core import Connection, NoRequest, current
from fenrir_core.authoring import LocalProxy, StateProxy

from ._types import Function, Passed, ReturnValue, SomeResponse, Values
from .app_globals import AppGlobals, globals_of
from .ctx import AppContext, ContextConnection
from .request import Request, request_of
from .sessions import SecureCookieSession, SessionInterface, open_session

if TYPE_CHECKING:
    from werkzeug.test import Client

    from .sansio.app import App

    class CurrentApp(App):
        """A `Flask` as type checkers see it through `current_app`: the class itself imports this module."""

        cli: Any
        session_interface: SessionInterface
        request_class: Type[Request]

        def ensure_sync(self, func: Function) -> Function: ...
        def async_to_sync(self, func: Function) -> Function: ...
        def make_response(self, rv: ReturnValue) -> SomeResponse: ...
        def url_for(self, /, endpoint: str, **values: Passed) -> str: ...
        def open_resource(self, resource: str, mode: str = "rb", encoding: Optional[str] = None) -> IO[Any]: ...
        def open_instance_resource(
            self, resource: str, mode: str = "rb", encoding: Optional[str] = "utf-8"
        ) -> IO[Any]: ...
        def send_static_file(self, filename: str) -> SomeResponse: ...
        def get_send_file_max_age(self, filename: Optional[str]) -> Optional[int]: ...
        def update_template_context(self, context: Values) -> None: ...
        def make_shell_context(self) -> Values: ...
        def app_context(self) -> AppContext: ...
        def test_request_context(self, *args: Passed, **kwargs: Passed) -> AppContext: ...
        def test_client(self, use_cookies: bool = True, **kwargs: Passed) -> Client: ...
        def test_cli_runner(self, **kwargs: Passed) -> Any: ...


class Local(LocalProxy):
    """A proxy that reads as Flask's where there is no context."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(self._get_current_object()) if current.get(None) is not None else "<LocalProxy unbound>"


class StateLocal(StateProxy):
    """A proxy of an object that is kept beyond the request, and reads as Flask's where there is no context."""

    __slots__ = ()
    __repr__ = Local.__repr__


def app_of(connection: Connection) -> Any:
    """Return the app of a connection."""
    return connection.app


def session_of(connection: Connection) -> Any:
    """Return the session of a connection.

    Raises:
        NoRequest: The connection is neither a request nor a WebSocket.
    """
    if isinstance(connection, ContextConnection) and connection.context.has_request:
        return connection.context.session
    return open_session(connection)


def app_context_of(connection: Connection) -> AppContext:
    """Return the context of the app that a connection is for."""
    return connection.facade(AppContext.of).of_app


def request_context_of(connection: Connection) -> AppContext:
    """Return the context of a request.

    Raises:
        NoRequest: The connection is neither a request nor a WebSocket.
    """
    found = connection.facade(AppContext.of)
    if not found.has_request:
        raise NoRequest("request_ctx")
    return found


#: The current request.
request: Request = cast(Request, Local("request", request_of))
#: A namespace for data of the current request.
g: AppGlobals = cast(AppGlobals, StateLocal("g", globals_of))
#: The client's session.
session: SecureCookieSession = cast(SecureCookieSession, StateLocal("session", session_of))
#: The app that serves the current request.
current_app: CurrentApp = cast("CurrentApp", Local("current_app", app_of))
#: The current context of an app.
app_ctx: AppContext = cast(AppContext, Local("app_ctx", app_context_of))
#: The current context of a request.
request_ctx: AppContext = cast(AppContext, Local("request_ctx", request_context_of))
