"""Responses in several messages, which end when the client disconnects."""

from __future__ import annotations

import asyncio
from typing import Awaitable, Callable

from fenrir_core import ClientDisconnect
from fenrir_core.authoring import Receive, Scope, Send

__all__ = ["send_until_disconnect"]


async def send_until_disconnect(
    send_all: Callable[[Send], Awaitable[None]], scope: Scope, receive: Receive, send: Send
) -> None:
    """Send a response; a server since ASGI 2.4 raises OSError in `send`, at others a disconnect is watched for.

    Raises:
        ClientDisconnect: The server refused to send more.
    """
    version = tuple(int(part) for part in str((scope.get("asgi") or {}).get("spec_version", "2.0")).split("."))
    if scope["type"] == "websocket" or version >= (2, 4):
        try:
            await send_all(send)
        except OSError as error:
            raise ClientDisconnect(str(error)) from None
        return
    sending = asyncio.ensure_future(send_all(send))
    watching = asyncio.ensure_future(_disconnect(receive))
    try:
        await asyncio.wait({sending, watching}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, watching):
            task.cancel()
        await asyncio.wait({sending, watching})
    for task in (sending, watching):
        if not task.cancelled():
            task.result()


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
