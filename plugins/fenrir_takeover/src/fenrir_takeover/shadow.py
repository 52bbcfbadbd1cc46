"""Shadow mode: the other side is called, too, and its response compared with the one that was sent."""

from __future__ import annotations

import asyncio
import difflib
import json
import random
from typing import Any, Awaitable, Callable, Dict, FrozenSet, List, Optional, Set

from fenrir_core import Headers
from fenrir_core.authoring import OBSERVED, Message, RawHeaders, Scope, Send, escaped_lines, get_logger

logger = get_logger("fenrir.takeover")

#: The key of the scope of a request that is a shadow.
SHADOW = "fenrir.takeover.shadow"
#: Headers that say nothing about what a client gets: they differ between any two servers, or are compared as the body.
IGNORED = frozenset({"content-length", "date", "etag", "last-modified", "server", "set-cookie", "connection"})
_MASK = "***"

Call = Callable[[Scope, Any, Send], Awaitable[None]]


class Captured:
    """A response, up to a number of bytes.

    Args:
        most: The most bytes of a body; a response with more is not compared.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.status = 0
        self.headers: RawHeaders = []
        self.body = b""
        self.is_complete = self.is_too_large = False

    async def send(self, message: Message) -> None:
        """Keep a message, as the `send` of a server would be given it."""
        self.note(message)

    def note(self, message: Message) -> None:
        """Keep a message."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            body = message.get("body", b"")
            if len(self.body) + len(body) > self.most:
                self.is_too_large, self.body = True, b""
            elif not self.is_too_large:
                self.body += body
            self.is_complete = not message.get("more_body", False)
        else:
            self.is_too_large = True  # a file that the server sends by its path

    def teed(self, send: Send, then: Callable[[], None]) -> Send:
        """Return a `send` that keeps what is sent by another, and calls `then` when all of it was sent."""

        async def tee(message: Message) -> None:
            self.note(message)
            await send(message)
            if self.is_complete and not self.is_too_large:
                then()

        return tee


class Shadow:
    """The shadow calls of one takeover, within limits.

    Args:
        most_at_once: How many run at a time; a request beyond has no shadow.
        seconds: How long one may take.
        most_bytes: The most bytes of a body that are compared.
        masked: Names of JSON fields and headers whose values are not logged, only that they differ.
        ignored: Further headers that are not compared.
        compared: Called with the name of the route and whether its responses differ.
    """

    def __init__(
        self,
        most_at_once: int,
        seconds: float,
        most_bytes: int,
        masked: FrozenSet[str],
        ignored: FrozenSet[str],
        compared: Callable[[str, bool], None],
    ) -> None:
        self._most, self._seconds, self._bytes = most_at_once, seconds, most_bytes
        self._masked = frozenset(name.lower() for name in masked)
        self._ignored = IGNORED | {name.lower() for name in ignored}
        self._compared = compared
        self._tasks: Set[asyncio.Future[None]] = set()

    def wanted(self, scope: Scope, share: float) -> bool:
        """Return whether a request gets a shadow: GET and HEAD only, never a shadow itself, within the limits."""
        return (
            share > 0
            and scope["method"] in ("GET", "HEAD")
            and SHADOW not in scope
            and len(self._tasks) < self._most
            and random.random() * 100 < share
        )

    def capture(self) -> Captured:
        """Return what keeps the response that the client gets."""
        return Captured(self._bytes)

    def start(self, route: str, sent: Captured, other: Call, scope: Scope, sides: str) -> None:
        """Call the other side in a task of its own, and compare.

        Args:
            route: The method and the template, for the log.
            sent: What the client gets.
            other: What is called.
            scope: The scope that it is called with.
            sides: Which side the client got, and which is the shadow.
        """
        task = asyncio.ensure_future(self._run(route, sent, other, scope, sides))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Cancel what still runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, route: str, sent: Captured, other: Call, scope: Scope, sides: str) -> None:
        got = Captured(self._bytes)
        child: Dict[str, Any] = {name: value for name, value in scope.items() if name != OBSERVED}
        child[SHADOW] = True
        child["state"] = dict(scope.get("state") or {})
        try:
            await asyncio.wait_for(other(child, _nothing(), got.send), self._seconds)
        except asyncio.TimeoutError:
            logger.warning("Shadow of %s (%s): no response in %g s", route, sides, self._seconds)
            return
        except Exception as error:
            logger.warning("Shadow of %s (%s): %s: %s", route, sides, type(error).__name__, error)
            if not got.status:
                return
        if got.is_too_large or not got.is_complete:
            return
        lines = self.difference(sent, got)
        self._compared(route, bool(lines))
        if lines:
            logger.warning("Shadow of %s (%s) differs:\n%s", route, sides, escaped_lines("\n".join(lines)))

    def difference(self, sent: Captured, got: Captured) -> List[str]:
        """Return how two responses differ, as lines: status, headers, then JSON, or that other bodies differ."""
        lines: List[str] = []
        if sent.status != got.status:
            lines += [f"- status {sent.status}", f"+ status {got.status}"]
        lines += self._headers(Headers(raw=sent.headers), Headers(raw=got.headers))
        if sent.body == got.body:
            return lines
        ours, theirs = _json(sent), _json(got)
        if ours is None or theirs is None:
            return [*lines, f"  the bodies differ ({len(sent.body)} and {len(got.body)} bytes)"]
        if ours == theirs:
            return lines
        before, after = (json.dumps(self._without(value), indent=1, sort_keys=True) for value in (ours[0], theirs[0]))
        diff = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm=""))[2:]
        return [*lines, *(diff or ["  masked fields differ"])]

    def _headers(self, sent: Headers, got: Headers) -> List[str]:
        lines: List[str] = []
        for name in sorted({*sent, *got} - self._ignored):
            mine, its = sent.getlist(name), got.getlist(name)
            if mine != its:
                for mark, values in (("-", mine), ("+", its)):
                    shown = [_MASK if name in self._masked else value for value in values]
                    lines += [f"{mark} {name}: {value}" for value in shown]
        return lines

    def _without(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: _MASK if key.lower() in self._masked else self._without(item) for key, item in value.items()}
        return [self._without(item) for item in value] if isinstance(value, list) else value


def _json(captured: Captured) -> Optional[List[Any]]:
    """Return the value of a JSON body in a list; None if it is none."""
    try:
        return [json.loads(captured.body)]
    except ValueError:
        return None


def _nothing() -> Any:
    """Return a `receive` of a request without body, whose client stays."""
    messages: List[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await asyncio.Event().wait()
        raise AssertionError("nothing sets the event")

    return receive
