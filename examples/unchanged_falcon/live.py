"""What happens to images, as it happens: an event stream and a WebSocket."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator, Optional

import falcon
from falcon.asgi import SSEvent

from .store import Store


class Events:
    """The changes as server-sent events."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def on_get(self, req: Any, resp: Any) -> None:
        most = req.get_param_as_int("most")
        resp.sse = self._events(most, self._store.listen())

    async def _events(self, most: Optional[int], queue: Any) -> AsyncIterator[Optional[SSEvent]]:
        try:
            yield SSEvent(event="hello", json={"images": len(self._store.list())}, retry=500)
            sent = 1
            while most is None or sent < most:
                change = await queue.get()
                sent += 1
                yield SSEvent(event=change["event"], event_id=str(sent), json=change)
        finally:
            self._store.leave(queue)


class Feed:
    """The changes on a WebSocket; a client may ask for the list."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def on_websocket(self, req: Any, ws: Any) -> None:
        await ws.accept(subprotocol="images" if "images" in ws.subprotocols else None)
        await ws.send_media({"hello": req.context.user})
        queue = self._store.listen()
        sender = asyncio.ensure_future(self._send(ws, queue))
        try:
            while True:
                asked = await ws.receive_media()
                if asked.get("ask") != "list":
                    await ws.close(4000)
                    return
                await ws.send_media([image.id for image in self._store.list(asked.get("tag"))])
        except falcon.WebSocketDisconnected:
            pass
        finally:
            sender.cancel()
            self._store.leave(queue)

    async def _send(self, ws: Any, queue: Any) -> None:
        while True:
            await ws.send_media(await queue.get())
