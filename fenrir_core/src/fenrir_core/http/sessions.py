"""What is told of the sessions that plugins open, whatever stores them."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, MutableMapping, Tuple

from .connection import Connection

#: A session, whatever stores it.
SessionLike = MutableMapping[str, Any]
#: Called with the connection and the session that was opened for it.
SessionListener = Callable[[Connection, SessionLike], None]
#: Called with a session before it is saved, once or more.
SessionStep = Callable[[SessionLike], None]


class SessionListeners:
    """What is called with each session that is opened in an app: `app.store(SessionListeners)`.

    Attributes:
        by_name: Functions by a name of their own; each is called with the connection and the session. They may change
            it. In a request whose response has started its changes may be lost.
    """

    def __init__(self) -> None:
        self.by_name: Dict[str, SessionListener] = {}


class _Opened:
    """The sessions of one request: `connection.facade(_Opened)`."""

    def __init__(self, connection: Connection) -> None:
        self.sessions: List[SessionLike] = []
        #: What is called with a session before it is saved.
        self.steps: List[Tuple[SessionLike, SessionStep]] = []


def session_opened(connection: Connection, session: SessionLike) -> None:
    """Tell of a session that was opened; whatever stores sessions calls it, once it will be saved."""
    opened = connection.facade(_Opened).sessions
    if any(session is other for other in opened):
        return  # one paradigm shows the session of another
    opened.append(session)
    for listener in connection.app.store(SessionListeners).by_name.values():
        listener(connection, session)


def before_save(connection: Connection, session: SessionLike, step: SessionStep) -> None:
    """Register what is called with a session before it is saved with the response; a second call changes nothing."""
    connection.facade(_Opened).steps.append((session, step))
    connection.on_response_start(lambda response: step(session), first=True)


def session_saving(connection: Connection, session: SessionLike) -> None:
    """Tell that a session is about to be saved; whatever saves sessions before the response starts calls it."""
    opened = connection.made_facade(_Opened)
    for other, step in [] if opened is None else opened.steps:
        if other is session:
            step(session)


def opened_sessions(connection: Connection) -> List[SessionLike]:
    """Return the sessions that were opened for a connection so far."""
    return connection.facade(_Opened).sessions
