"""ASGI as type aliases, and the small types that several rooms share.

Source: ASGI 3.0, "Specification" and "HTTP & WebSocket ASGI Message Format".
"""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Dict, List, MutableMapping, Tuple, TypeVar

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Header names and values as ASGI carries them: lower-case names, latin-1 bytes, order and repeats kept.
RawHeaders = List[Tuple[bytes, bytes]]

#: A whole answer: status, headers as they are sent, and body.
RawResponse = Tuple[int, RawHeaders, bytes]
PathParams = Dict[str, Any]
AnyCallable = Callable[..., Any]
T = TypeVar("T")
F = TypeVar("F", bound=AnyCallable)


def record(scope: Scope, item: Any) -> None:
    """Tell an ASGI middleware what serves its request, if it put something with an `append` at ``fenrir.trace``.

    Args:
        scope: The connection's scope.
        item: A `Mount`, a `build.Target` with `route` and `template` (or one for HEAD, with the
            `target` that it is served by), or an exception that is about to be answered.
    """
    trail = scope.get("fenrir.trace")
    if trail is not None:
        trail.append(item)
