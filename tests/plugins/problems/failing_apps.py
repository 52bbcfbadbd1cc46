"""Apps in each paradigm, with the same routes and errors."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Dict, Iterable, List, Tuple

from fenrir import Fenrir
from fenrir_bottle import Bottle, abort
from fenrir_core import HTTPError, PayloadTooLarge, UnsupportedMediaType
from fenrir_core.testing import Answer, Client
from fenrir_falcon import App as Falcon
from fenrir_falcon import HTTPServiceUnavailable
from fenrir_fastapi import FastAPI, HTTPException
from fenrir_flask import Flask
from fenrir_flask import abort as flask_abort
from fenrir_problems import Problem
from fenrir_sanic import Sanic
from fenrir_sanic.exceptions import Unauthorized


def out_of_credit() -> None:
    raise Problem(
        403,
        type="https://example.org/out-of-credit",
        title="You do not have enough credit.",
        detail="Your balance is 30, but that costs 50.",
        instance="/account/12345/msgs/abc",
        headers={"x-balance": "30"},
        balance=30,
    )


def own_error(paradigm: str) -> None:
    """Raise an error of the paradigm, with members or headers that the response must keep."""
    if paradigm == "falcon":
        raise HTTPServiceUnavailable(title="Closed", description="We are closed.", retry_after=60, code=7)
    if paradigm == "sanic":
        raise Unauthorized("Who are you?", scheme="Basic", realm="pets")
    if paradigm == "bottle":
        abort(402, "Pay first.")
    if paradigm == "flask":
        flask_abort(409, description="Taken.")
    raise HTTPException(401, "Who are you?", {"www-authenticate": "Bearer"})


def crash() -> None:
    raise LookupError("the password is 1234")


def too_large() -> None:
    raise PayloadTooLarge()


def unsupported() -> None:
    raise UnsupportedMediaType()


def kernel_error() -> None:
    raise HTTPError(429, "Slow down.", {"retry-after": "5"})


def failures(paradigm: str) -> Dict[str, Callable[[], None]]:
    return {
        "/problem": out_of_credit,
        "/own": lambda: own_error(paradigm),
        "/crash": crash,
        "/large": too_large,
        "/media": unsupported,
        "/kernel": kernel_error,
    }


class _Resource:
    def __init__(self, fail: Callable[[], None]) -> None:
        self.fail = fail

    async def on_get(self, req: Any, resp: Any) -> None:
        self.fail()


def _handler(paradigm: str, fail: Callable[[], None]) -> Any:
    if paradigm == "sanic":

        async def sanic_handler(request: Any) -> Any:
            fail()

        return sanic_handler

    async def handler() -> Any:
        fail()

    return handler


def _blocking(fail: Callable[[], None]) -> Callable[[], None]:
    def handler() -> None:
        fail()

    return handler


APPS: Dict[str, Callable[..., Any]] = {
    "fenrir": Fenrir,
    "fastapi": FastAPI,
    "flask": lambda **settings: Flask(__name__, **settings),
    "falcon": Falcon,
    "sanic": lambda **settings: Sanic("problems", **settings),
    "bottle": Bottle,
}


def make(paradigm: str, **settings: Any) -> Any:
    """Return an app of a paradigm with a route for each way to fail."""
    settings.setdefault("problem_details", True)
    app = APPS[paradigm](**settings)
    for index, (path, fail) in enumerate(failures(paradigm).items()):
        if paradigm == "falcon":
            app.add_route(path, _Resource(fail))
        elif paradigm == "flask":
            app.route(path, endpoint=f"fail{index}")(_handler(paradigm, fail))
        elif paradigm == "bottle":
            app.route(path, "GET", _blocking(fail))
        elif paradigm == "sanic":
            app.add_route(_handler(paradigm, fail), path, name=f"fail{index}")
        else:
            app.get(path)(_handler(paradigm, fail))
    return app


def ask(app: Any, *requests: Tuple[str, ...], headers: Iterable[Tuple[str, str]] = (), **options: Any) -> List[Answer]:
    """Start the app and send it requests, each a method and a path."""

    async def send() -> List[Answer]:
        async with Client(app, raise_errors=False) as client:
            return [await client.request(*request, headers=list(headers), **options) for request in requests]

    return asyncio.run(send())
