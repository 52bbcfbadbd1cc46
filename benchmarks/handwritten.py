"""The baseline: each case as one ASGI function, written by hand with nothing but what it needs.

They do the work that the frameworks do (check method and path, convert, validate, refuse invalid input), with the
standard library, and pydantic if the case is about it. Nothing is precomputed.
"""

from __future__ import annotations

import json
from typing import Any, Awaitable, Callable, Dict, List, Tuple
from urllib.parse import parse_qs

from pydantic import ValidationError

from . import work
from .cases import Case
from .models import Order

App = Callable[[Any, Any, Any], Awaitable[None]]
_TRUTH = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "off": False, "no": False}


async def _answer(send: Any, body: bytes, content_type: bytes = b"application/json", status: int = 200) -> None:
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refuse(send: Any, status: int, detail: str) -> None:
    await _answer(send, json.dumps({"detail": detail}).encode(), status=status)


async def constant(scope: Any, receive: Any, send: Any) -> None:
    """Respond with a constant text."""
    if scope["path"] != "/constant" or scope["method"] != "GET":
        await _refuse(send, 404, "Not Found")
        return
    hello = "Hello, world"  # a handler's str, which is encoded for each response
    body = hello.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def text(scope: Any, receive: Any, send: Any) -> None:
    """Respond with the text that a function returns."""
    if scope["path"] != "/text" or scope["method"] != "GET":
        await _refuse(send, 404, "Not Found")
        return
    body = work.greeting().encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def json_(scope: Any, receive: Any, send: Any) -> None:
    """Respond with a small JSON object."""
    if scope["path"] != "/json" or scope["method"] != "GET":
        await _refuse(send, 404, "Not Found")
        return
    body = json.dumps({"message": work.greeting()}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def path(scope: Any, receive: Any, send: Any) -> None:
    """Read an integer from the path."""
    parts = scope["path"].split("/")
    if len(parts) != 3 or parts[1] != "items" or scope["method"] != "GET":
        await _refuse(send, 404, "Not Found")
        return
    try:
        item_id = int(parts[2])
    except ValueError:
        await _refuse(send, 422, "item_id is no integer")
        return
    body = json.dumps(work.item(item_id)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def query(scope: Any, receive: Any, send: Any) -> None:
    """Read text, an integer and a truth value from the query."""
    if scope["path"] != "/search" or scope["method"] != "GET":
        await _refuse(send, 404, "Not Found")
        return
    given = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
    try:
        found = {
            "q": given["q"][-1],
            "limit": int(given["limit"][-1]) if "limit" in given else 20,
            "exact": _TRUTH[given["exact"][-1].lower()] if "exact" in given else False,
        }
    except (KeyError, ValueError) as error:
        await _refuse(send, 422, str(error))
        return
    await _answer(send, json.dumps(found).encode())


async def body(scope: Any, receive: Any, send: Any) -> None:
    """Validate a JSON body with a pydantic model."""
    if scope["path"] != "/orders" or scope["method"] != "POST":
        await _refuse(send, 404, "Not Found")
        return
    raw = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        raw += message.get("body", b"")
        more = message.get("more_body", False)
    try:
        order = Order.model_validate_json(raw)
    except ValidationError as error:
        await _answer(send, error.json().encode(), status=422)
        return
    await _answer(send, json.dumps({"customer": order.customer, "total": order.total}).encode())


async def _paging(given: Dict[str, List[str]]) -> Tuple[int, int]:
    limit = int(given["limit"][-1]) if "limit" in given else 20
    return limit, int(given["offset"][-1]) if "offset" in given else 0


async def _listing(given: Dict[str, List[str]]) -> Dict[str, Any]:
    limit, offset = await _paging(given)
    return {"owner": given["owner"][-1], "limit": limit, "offset": offset}


async def depends(scope: Any, receive: Any, send: Any) -> None:
    """Call one function that needs another one; both read the query."""
    if scope["path"] != "/things" or scope["method"] != "GET":
        await _refuse(send, 404, "Not Found")
        return
    given = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
    try:
        found = await _listing(given)
    except (KeyError, ValueError) as error:
        await _refuse(send, 422, str(error))
        return
    await _answer(send, json.dumps(found).encode())


async def _thing(send: Any, thing_id: int) -> None:
    body = json.dumps(work.thing(thing_id)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def among(count: int) -> App:
    """Return an app of many routes, found in a dict by their first segment."""
    table = {f"group{number}": _thing for number in range(count)}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        parts = scope["path"].split("/")
        handler = table.get(parts[1]) if len(parts) == 4 and parts[2] == "things" else None
        if handler is None or scope["method"] != "GET":
            await _refuse(send, 404, "Not Found")
            return
        try:
            thing_id = int(parts[3])
        except ValueError:
            await _refuse(send, 422, "thing_id is no integer")
            return
        await handler(send, thing_id)

    return app


_APPS: Dict[str, App] = {
    "constant": constant,
    "text": text,
    "json": json_,
    "path": path,
    "query": query,
    "body": body,
    "depends": depends,
}


def make(case: Case) -> App:
    """Return the function that was written for a case."""
    return among(case.routes) if case.routes else _APPS[case.name]
