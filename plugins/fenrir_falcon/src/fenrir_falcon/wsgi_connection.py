"""The connection of a request that a WSGI server made, for code that runs in that server's thread."""

from __future__ import annotations

from typing import Any, Awaitable, Iterable, List, Optional, Tuple, TypeVar

from fenrir_core import Request as KernelRequest
from fenrir_core import lazy
from fenrir_core.authoring import Message, Receive, Scope, Send
from fenrir_wsgi import Environ

from .status_codes import code_to_http_status
from .wsgi_scope import scope_of
from .wsgi_stream import BODY

T = TypeVar("T")
#: Status line, headers and body as a WSGI server takes them.
Answer = Tuple[str, List[Tuple[str, str]], Iterable[bytes]]


class WSGIConnection(KernelRequest):
    """A connection that has what ASGI names as far as something asks for it. PERF: most responders don't, 3 µs."""

    #: The request, as the server made it.
    environ: Environ

    @lazy
    def scope(self) -> Scope:
        """The request as a scope of ASGI."""
        return scope_of(self.environ)

    @lazy
    def receive(self) -> Receive:
        """The body as messages of ASGI."""
        return Input(self.environ)

    @lazy
    def content_type(self) -> str:
        """The media type of the body in lower case and without parameters, or ``""``."""
        return str(self.environ.get("CONTENT_TYPE") or "").partition(";")[0].strip().lower()

    @lazy
    def messages(self) -> List[Message]:
        """What was sent by `send`."""
        return []

    @lazy
    def send(self) -> Send:
        """Keep a message of ASGI."""
        return sender(self.messages)

    def answer(self) -> Answer:
        """Return what was sent by `send`."""
        return answer_of(self.messages, self.scope.get(BODY))


class Input:
    """The request's body as ASGI messages, for what is not Falcon's and reads it so.

    Args:
        environ: The request.
    """

    def __init__(self, environ: Environ) -> None:
        self._environ = environ
        self._is_read = False

    async def __call__(self) -> Message:
        """Return the next message."""
        if self._is_read:
            return {"type": "http.disconnect"}
        self._is_read = True
        length = self._environ.get("CONTENT_LENGTH") or "0"
        size = int(length) if str(length).isdigit() else 0
        body = self._environ["wsgi.input"].read(size) if size else b""
        return {"type": "http.request", "body": body, "more_body": False}


def sender(messages: List[Message]) -> Send:
    """Return a `send` that appends to a list."""

    async def send(message: Message) -> None:
        messages.append(message)

    return send


def answer_of(messages: List[Message], body: Optional[Iterable[bytes]]) -> Answer:
    """Return what a WSGI server takes: the messages of ASGI of a response, and its body if that is not among them."""
    head = messages[0]
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head["headers"]]
    if body is None:
        body = [messages[1]["body"]] if len(messages) == 2 else [item.get("body", b"") for item in messages[1:]]
    return code_to_http_status(head["status"]), headers, body


def finished(coroutine: Awaitable[T]) -> T:
    """Return the result of a coroutine that waits for nothing.

    Raises:
        RuntimeError: It waits for something.
    """
    steps: Any = coroutine
    try:
        steps.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    steps.close()
    raise RuntimeError(
        "Code that was called by a WSGI server awaits something, but there is no event loop. Make the responder, or "
        "what it calls, a coroutine function, or serve the app by an ASGI server."
    )
