"""The forms that an error handler may have, with what each answers."""

from __future__ import annotations

import functools
from typing import Any, Callable, Dict, Union

from tests.hybrid.callables import by_anything

import fenrir_falcon
import fenrir_fastapi
from fenrir import Depends
from fenrir_core import Connection

Handler = Callable[..., Any]


class Fault(Exception):
    """What the endpoints raise."""


def tell(*args: Any) -> str:
    """Say what the arguments are."""
    return ",".join(
        "error" if isinstance(arg, Fault) else "request" if hasattr(arg, "headers") else type(arg).__name__
        for arg in args
    )


class Methods:
    """Handlers that are bound methods and objects."""

    def one(self, error: Any) -> str:
        return tell(error)

    async def two(self, request: Any, error: Any) -> str:
        return tell(request, error)

    def __call__(self, request: Any, error: Any) -> str:
        return tell(request, error)


class AsyncObject:
    async def __call__(self, error: Any) -> str:
        return tell(error)


def adding(function: Handler) -> Handler:
    """Add an argument that the caller does not pass."""

    @functools.wraps(function)
    def wrapper(request: Any, error: Any) -> Any:
        return function(request, error, "added")

    return wrapper


async def async_error(anything: Any) -> str:
    return tell(anything)


async def async_args(*args: Any) -> str:
    return tell(*args)


def annotated(exc: Fault, req: Connection) -> str:
    return tell(exc, req)


def with_union(e: Union[Fault, KeyError]) -> str:
    return tell(e)


def later(exc: Any, request: fenrir_fastapi.Request) -> str:
    assert isinstance(request, fenrir_fastapi.Request)
    return tell(exc, request)


def by_keyword(*, error: Fault) -> str:
    return tell(error)


def dependency() -> int:
    return 7


def injected(request: Any, error: Any, number: int = Depends(dependency)) -> str:
    return f"{tell(request, error)},{number}"


def injected_first(error: Any, request: Connection, *, number: int = Depends(dependency)) -> str:
    return f"{tell(error, request)},{number}"


def falcons(req: Any, resp: Any, ex: Any, params: Any) -> None:
    assert isinstance(req, fenrir_falcon.Request)
    assert isinstance(ex, Fault)
    assert params == {}
    resp.text = "falcon's"


async def async_falcons(
    req: fenrir_falcon.Request, resp: fenrir_falcon.Response, ex: Fault, params: Dict[str, Any]
) -> None:
    resp.text = "falcon's"


#: Handlers by what they show, with what they answer.
FORMS: Dict[str, Any] = {
    "none": (lambda: "nothing", "nothing"),
    "error": (lambda error: tell(error), "error"),
    "another name": (lambda whatever: tell(whatever), "error"),
    "async": (async_error, "error"),
    "request, error": (lambda request, error: tell(request, error), "request,error"),
    "req, exc": (lambda req, exc: tell(req, exc), "request,error"),
    "_, e": (lambda _, e: tell(_, e), "request,error"),
    "*args": (lambda *args: tell(*args), "request,error"),
    "async *args": (async_args, "request,error"),
    "annotated": (annotated, "error,request"),
    "union": (with_union, "error"),
    "FastAPI's request": (later, "error,request"),
    "keyword-only": (by_keyword, "error"),
    "bound method": (Methods().one, "error"),
    "async bound method": (Methods().two, "request,error"),
    "object": (Methods(), "request,error"),
    "async object": (AsyncObject(), "error"),
    "partial": (functools.partial(lambda first, error: f"{first},{tell(error)}", "first"), "first,error"),
    "decorated": (by_anything(lambda error: tell(error)), "error"),
    "decorated async": (by_anything(async_error), "error"),
    "decorator adds": (adding(lambda request, error, more: f"{tell(request, error)},{more}"), "request,error,added"),
    "default": (lambda error, more="more": f"{tell(error)},{more}", "error,more"),
    "injected": (injected, "request,error,7"),
    "injected by keyword": (injected_first, "error,request,7"),
    "Falcon's": (falcons, "falcon's"),
    "Falcon's, annotated": (async_falcons, "falcon's"),
}
