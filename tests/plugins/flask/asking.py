"""How tests ask an app that is served as ASGI and as WSGI."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

from werkzeug.test import Client

from fenrir_core.testing import SyncClient
from fenrir_flask import Flask


class Answer(NamedTuple):
    status: int
    text: str
    headers: Any


Ask = Callable[..., Answer]


def ask_asgi(app: Flask, path: str = "/", method: str = "GET", **options: Any) -> Answer:
    headers = dict(options.pop("headers", {}))
    with SyncClient(app, raise_errors=False) as client:
        found = client.request(method, path, headers=headers, **options)
    return Answer(found.status, found.body.decode(), found.headers)


def ask_wsgi(app: Flask, path: str = "/", method: str = "GET", **options: Any) -> Answer:
    with Client(app).open(path, method=method, **options) as found:
        return Answer(found.status_code, found.get_data(as_text=True), found.headers)
