"""Components around every request: an id, the user, and the store's life."""

from __future__ import annotations

import itertools
from typing import Any, Dict

import falcon

from .store import Store


class RequestID:
    """Gives each request a number, or keeps the one of a proxy."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    async def process_request(self, req: Any, resp: Any) -> None:
        req.context.request_id = req.get_header("X-Request-ID") or f"r{next(self._numbers)}"

    async def process_response(self, req: Any, resp: Any, resource: Any, req_succeeded: bool) -> None:
        resp.set_header("X-Request-ID", req.context.request_id)
        resp.set_header("X-Outcome", "fine" if req_succeeded else "failed")


class Users:
    """Finds out by a token who asks, and refuses what a guest may not do."""

    def __init__(self, tokens: Dict[str, str]) -> None:
        self._tokens = tokens

    def _user(self, req: Any) -> Any:
        kind, _, token = (req.auth or "").partition(" ")
        return self._tokens.get(token or req.get_param("token")) if kind in ("", "Bearer") else None

    async def process_request(self, req: Any, resp: Any) -> None:
        req.context.user = self._user(req)

    async def process_resource(self, req: Any, resp: Any, resource: Any, params: Dict[str, Any]) -> None:
        if req.method in getattr(resource, "needs_user", ()):
            if req.context.user is None:
                raise falcon.HTTPUnauthorized(title="Who are you?", challenges=["Bearer"])
            params["user"] = req.context.user

    async def process_request_ws(self, req: Any, ws: Any) -> None:
        req.context.user = self._user(req)
        if req.context.user is None:
            raise falcon.HTTPForbidden()


class Opening:
    """Opens the store when the service starts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.stopped = False

    async def process_startup(self, scope: Any, event: Any) -> None:
        self._store.open()

    async def process_shutdown(self, scope: Any, event: Any) -> None:
        self.stopped = True
