"""Late registration: what is registered while the app serves gets a new table, or is taken back."""

from __future__ import annotations

import itertools
import logging
from contextlib import contextmanager
from contextvars import ContextVar
from threading import RLock
from typing import Any, Dict, Iterable, Iterator, List

from ._snapshot import snapshot
from .exceptions import BuildError

logger = logging.getLogger("fenrir")


#: What a late registration changes of the routes that are there already: nothing, how their errors are handled, or how
#: they are served.
NOTHING, ERRORS, ROUTES = range(3)


class LateRegistration:
    """The late registrations of one app: one block at a time, each with a build of its own.

    Args:
        app: The app; its `rebuild` makes the new table.
        current: The connection that is served.

    Attributes:
        lock: Held while a table is made, by the thread that makes it.
        changes: How the present block changes what is there already: `NOTHING`, `ERRORS` or `ROUTES`.
        sealed: Whether the build calls its last hooks, which register nothing any more.
    """

    def __init__(self, app: Any, current: ContextVar[Any]) -> None:
        self.app, self._current = app, current
        self.lock = RLock()
        self.sealed = False
        self._is_open = False
        self.changes = NOTHING
        #: The first request that registered something, by the place in the code.
        self._places: Dict[str, int] = {}
        self._numbers = itertools.count()
        self._has_warned = False

    @contextmanager
    def block(self, what: str, where: str, changes: int) -> Iterator[None]:
        """Build when the block ends, or take back what was registered in it; a block inside is part of the outer one.

        Args:
            what: What is registered, for messages.
            where: ``file:line`` of it.
            changes: What it changes of the routes that are there already: `NOTHING`, `ERRORS` or `ROUTES`.

        Raises:
            BuildError: Something is put together wrongly, or the app takes no late registrations.
        """
        with self.lock:
            if self.sealed:
                raise BuildError(f"{where}: {what} can't be added: the app has already been built.")
            self.changes = max(changes, self.changes if self._is_open else NOTHING)
            if self._is_open:
                yield
                return
            self.app.check_late(what, where)
            self._warn(what, where)
            restore = snapshot(self.app.registrations())
            self._is_open = True
            try:
                yield
                self.app.rebuild()
            except BaseException:
                restore()
                raise
            finally:
                self._is_open = False

    def _warn(self, what: str, where: str) -> None:
        """Warn once of code that registers in one request after the other."""
        connection = self._current.get(None)
        if connection is None or connection.scope["type"] not in ("http", "websocket"):
            return
        number = connection.state.setdefault("fenrir.late", next(self._numbers))
        if self._places.setdefault(where, number) != number and not self._has_warned:
            self._has_warned = True
            logger.warning(
                "%s: %s is registered inside a request, as in a request before: each one builds the app anew, and only "
                "in this worker. Register once, before the app starts.",
                where,
                what,
            )


def known_routes(targets: Iterable[Any], items: Iterable[Any]) -> List[Any]:
    """Return routes and mounts with the route of a compiled one in the place of each that equals it."""
    known: Dict[object, List[object]] = {}
    for target in targets:
        known.setdefault((target.route.path, target.route.methods), []).append(target.route)
    found: List[Any] = []
    for item in items:
        same = known.get((item.path, item.methods), []) if hasattr(item, "methods") else []
        found.append(next((same.pop(index) for index, route in enumerate(same) if _equal(route, item)), item))
    return found


def _equal(one: object, other: object) -> bool:
    """Return whether two routes are served alike; collecting the routes of a router makes new ones each time."""
    if one is other:
        return True
    try:
        return all(value == getattr(other, name) for name, value in vars(one).items())
    except Exception:  # what options hold may not be comparable
        return False
