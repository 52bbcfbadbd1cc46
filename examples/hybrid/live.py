"""Connections that stay open: a chat over WebSockets, and server-sent events."""

from __future__ import annotations

from typing import Set

from fenrir import EventSourceResponse, Fenrir, WebSocket, WebSocketDisconnect, render_template


class Room:
    """The members of the chat."""

    def __init__(self) -> None:
        self.members: Set[WebSocket] = set()

    async def say(self, text: str) -> None:
        """Send a line to all members; those that have disconnected are skipped."""
        for member in [*self.members]:
            try:
                await member.send_text(text)
            except WebSocketDisconnect:
                self.members.discard(member)


def register(app: Fenrir) -> None:
    room = Room()

    @app.get("/chat", include_in_schema=False)
    def chat_page():
        return render_template("chat.html")

    @app.websocket("/ws/chat/<name>")
    async def chat(websocket: WebSocket, name: str) -> None:
        await websocket.accept()
        room.members.add(websocket)
        try:
            await room.say(f"{name} has come in")
            async for text in websocket:
                await room.say(f"{name}: {text}")
        finally:
            room.members.discard(websocket)
            await room.say(f"{name} has left")

    @app.get("/live", include_in_schema=False)
    def live_page():
        return render_template("live.html")

    @app.get("/live/events", include_in_schema=False)
    async def events(request):
        buffer = request.app.state.events
        return EventSourceResponse(buffer.subscribe(request.headers.get("last-event-id")))
