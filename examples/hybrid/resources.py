"""Falcon's way: a resource with a responder for each method."""

from __future__ import annotations

from typing import Any, Dict

from fenrir import Fenrir, NotFound


class ItemResource:
    def __init__(self) -> None:
        self.items: Dict[int, Any] = {1: {"name": "saddle"}, 2: {"name": "lantern"}}

    async def on_get(self, req, resp, item_id: int) -> None:
        if item_id not in self.items:
            raise NotFound(f"There is no item {item_id}.")
        resp.media = {"item_id": item_id, "item": self.items[item_id]}

    async def on_put(self, req, resp, item_id: int) -> None:
        resp.status = 200 if item_id in self.items else 201
        self.items[item_id] = req.json
        resp.media = {"item_id": item_id, "item": self.items[item_id]}

    async def on_delete(self, req, resp, item_id: int) -> None:
        self.items.pop(item_id, None)
        resp.status = 204


def register(app: Fenrir) -> None:
    app.add_route("/items/<item_id:int>", ItemResource())
