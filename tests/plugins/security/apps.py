"""The same small app in each class, and ways to ask it."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any, Callable, Dict, Iterable, List, Mapping, Tuple, Union

import pytest

from fenrir import Fenrir
from fenrir_bottle import Bottle
from fenrir_core.testing import Answer, Client
from fenrir_falcon import App as Falcon
from fenrir_fastapi import FastAPI
from fenrir_flask import Flask
from fenrir_sanic import Sanic
from fenrir_sanic.response import text as sanic_text

KEY = "not so secret key"
#: The origin of the requests of `Client`.
OWN = "http://test"

#: Sanic registers apps by name.
_numbers = count()
APPS: Dict[str, Callable[..., Any]] = {
    "fenrir": Fenrir,
    "fastapi": FastAPI,
    "flask": lambda **settings: Flask("security", **settings),
    "falcon": Falcon,
    "sanic": lambda **settings: Sanic(f"security{next(_numbers)}", **settings),
    "bottle": Bottle,
}
each_class = pytest.mark.parametrize("paradigm", APPS)

Handler = Callable[[], str]


def make(paradigm: str, **settings: Any) -> Any:
    """Return an app of a class, without routes."""
    return APPS[paradigm](**settings)


def add(app: Any, path: str, methods: str, handler: Handler, **options: Any) -> Any:
    """Register a handler for methods, such as ``GET POST``, in the way of the app's class."""
    name = getattr(app, "paradigm", None)
    if name == "falcon":

        async def respond(self: Any, req: Any, resp: Any) -> None:
            resp.text = handler()

        vars(respond).update(vars(handler))  # what decorators have marked
        responders = {f"on_{method.lower()}": respond for method in methods.split()}
        app.add_route(path, type("Resource", (), responders)(), **options)
    elif name == "sanic":

        async def sanic_handler(request: Any) -> Any:
            return sanic_text(handler())

        vars(sanic_handler).update(vars(handler))
        app.add_route(sanic_handler, path, methods.split(), name="route" + path.replace("/", "_"), **options)
    elif name == "flask":
        app.add_url_rule(path, path, handler, methods=methods.split(), **options)
    elif name == "bottle":
        app.route(path, methods.split(), handler, **options)
    else:
        for method in methods.split():
            getattr(app, method.lower())(path, **options)(handler)
    return handler


def say(text: str = "ok") -> Handler:
    def handler() -> str:
        return text

    return handler


Headers = Union[Mapping[str, str], Iterable[Tuple[str, str]]]


def ask(app: Any, *requests: Tuple[Any, ...], **options: Any) -> List[Answer]:
    """Start the app and send requests: method, path, then headers and a body if there are any."""

    async def send() -> List[Answer]:
        async with Client(app, raise_errors=False) as client:
            found = []
            for method, path, *more in requests:
                headers: Headers = more[0] if more else {}
                pairs = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
                body = {"body": more[1]} if len(more) > 1 else {}
                found.append(await client.request(method, path, headers=pairs, **body, **options))
            return found

    return asyncio.run(send())


def under_tls(app: Any) -> Any:
    """Return an app whose requests came by https, as a server with TLS or a trusted proxy says."""

    async def served(scope: Any, receive: Any, send: Any) -> None:
        if "scheme" in scope:
            scope["scheme"] = {"http": "https", "ws": "wss"}[scope["scheme"]]
        await app(scope, receive, send)

    return served


def drive(steps: Callable[[Client], Any], app: Any, **options: Any) -> None:
    """Start the app and call an asynchronous function with its client."""

    async def main() -> None:
        async with Client(app, raise_errors=False, **options) as client:
            await steps(client)

    asyncio.run(main())
