"""The page of a failed reload, and the state that open pages poll for."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Optional, Tuple

from .browser import header, is_navigation
from .failure import Failure
from .html import page_headers

#: The header with which a page asks for the state; the response has it too.
ASKING = b"x-fenrir-dev"
UNAVAILABLE = 503


class LivePages:
    """Middleware that shows browsers why the newest code is not served, and lets their pages see when that changes.

    All other requests go to the app.

    Attributes:
        failure: Why the newest code is not served; None if it is.
    """

    def __init__(self) -> None:
        self.app: Any = None
        self.failure: Optional[Failure] = None
        self._count = 0

    def show(self, failure: Failure) -> None:
        """Show this failure from now on."""
        self.failure, self._count = failure, self._count + 1

    def state(self) -> str:
        """Return an identifier of what is served now; it changes with the process and the failure."""
        return f"{os.getpid()}.{self._count}"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a connection (ASGI 3.0)."""
        if scope["type"] == "http":
            if header(scope, ASKING):
                await _send(send, 204, [(ASKING, self.state().encode("ascii")), (b"cache-control", b"no-store")], b"")
                return
            if self.failure is not None and scope["method"] == "GET" and is_navigation(scope["headers"]):
                status, headers, body = failure_answer(self.failure, self.state(), is_page=True)
                await _send(send, status, headers, body)
                return
        await self.app(scope, receive, send)


async def _send(send: Any, status: int, headers: List[Tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def failure_answer(failure: Failure, state: str, is_page: bool) -> Tuple[int, List[Tuple[bytes, bytes]], bytes]:
    """Return status, headers and body of the response that shows a failure."""
    fields: Dict[str, str] = {"retry-after": "1", "cache-control": "no-store"}
    if is_page:
        body = failure.page(state)
        fields.update(page_headers())
        fields["content-type"] = "text/html; charset=utf-8"
    else:
        body = (failure.text + "\n").encode("utf-8")
        fields["content-type"] = "text/plain; charset=utf-8"
    fields["content-length"] = str(len(body))
    return UNAVAILABLE, [(name.encode("ascii"), value.encode("ascii")) for name, value in fields.items()], body
