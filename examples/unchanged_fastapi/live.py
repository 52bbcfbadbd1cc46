"""Searching while one types."""

from __future__ import annotations

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

router = APIRouter()


@router.websocket("/live")
async def live(websocket: WebSocket, limit: int = 5) -> None:
    await websocket.accept()
    store = websocket.app.state.store
    try:
        while True:
            text = await websocket.receive_text()
            await websocket.send_json([book.title for book in store.search(text, 0, limit)])
    except WebSocketDisconnect:
        store.mails.append("left")
