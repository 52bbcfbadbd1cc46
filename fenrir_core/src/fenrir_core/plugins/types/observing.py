"""Observers of an app's connections."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ..._callsite import can_take, unwrap_callable
from ..._validation import must
from ...http.observing import Observation


def _observes(value: Any) -> bool:
    return value is None or (can_take(value, 1) and not inspect.iscoroutinefunction(unwrap_callable(value)))


_OBSERVES = must(_observes, "be a synchronous function that can be called with (observation)")


@dataclass(frozen=True)
class Observer:
    """Functions that are told of each connection to the app: requests, streams and WebSockets.

    Each is called with the `Observation` of the connection, in the request's context, and must not block. What one
    raises is logged; the request and the other observers are not affected.

    Args:
        name: For reports.
        on_begin: Called before anything else of the app.
        on_match: Called when a route or a mount matched; again for the route of an app that is mounted.
        on_answer: Called when the response begins, or the handshake of a WebSocket is answered.
        on_end: Called once: at the last byte, at the close, or when the app has given up.
        on_exit: Called last, when the app has returned; background work is done.
    """

    name: str
    on_begin: Optional[Callable[[Observation], object]] = field(default=None, metadata=_OBSERVES)
    on_match: Optional[Callable[[Observation], object]] = field(default=None, metadata=_OBSERVES)
    on_answer: Optional[Callable[[Observation], object]] = field(default=None, metadata=_OBSERVES)
    on_end: Optional[Callable[[Observation], object]] = field(default=None, metadata=_OBSERVES)
    on_exit: Optional[Callable[[Observation], object]] = field(default=None, metadata=_OBSERVES)
