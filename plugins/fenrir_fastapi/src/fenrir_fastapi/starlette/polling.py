"""A look at what `receive` has, without waiting for it."""

from __future__ import annotations

from typing import Any, Optional

from fenrir_core.authoring import Message, Receive

__all__ = ["poll"]


def poll(receive: Receive) -> Optional[Message]:
    """Return the message that `receive` has already, or None if it would wait.

    The call is run up to the first place where it waits, and is closed there, as by a cancellation: no task and no
    turn of the event loop are needed.
    """
    waiting: Any = receive().__await__()
    try:
        next(waiting)
    except StopIteration as done:
        message: Message = done.value
        return message
    getattr(waiting, "close", bool)()
    return None
