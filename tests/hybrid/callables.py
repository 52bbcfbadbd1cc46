"""Kinds of callables that endpoints and handlers may be."""

from __future__ import annotations

import functools
from typing import Any, Callable, Dict

Endpoint = Callable[..., Any]


def by_keywords(function: Endpoint) -> Endpoint:
    @functools.wraps(function)
    def wrapper(**kwargs: Any) -> Any:
        return function(**kwargs)

    return wrapper


def by_anything(function: Endpoint) -> Endpoint:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


def async_by_anything(function: Endpoint) -> Endpoint:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


def untold(function: Endpoint) -> Endpoint:
    """Wrap without `functools.wraps`."""

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    wrapper.__name__ = "untold"
    return wrapper


class Object:
    """An object that is called, or whose method is."""

    __name__ = "object"

    def __init__(self, function: Endpoint) -> None:
        self.function = function


def gives_a_user(function: Endpoint) -> Endpoint:
    """Hand in an argument, as decorators of extensions do."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, user="ada", **kwargs)

    return wrapper


def with_values(body: Endpoint) -> Dict[str, Endpoint]:
    """Return callables of ``(one, two)``, the path's values, by kind."""

    def function(one: Any, two: Any) -> Any:
        return body(one, two)

    async def asynchronous(one: Any, two: Any) -> Any:
        return body(one, two)

    class Called(Object):
        def __call__(self, one: Any, two: Any) -> Any:
            return body(one, two)

        def method(self, one: Any, two: Any) -> Any:
            return body(one, two)

        @by_anything
        def decorated(self, one: Any, two: Any) -> Any:
            return body(one, two)

    def with_more(more: Any, one: Any, two: Any) -> Any:
        assert more == "more"
        return body(one, two)

    partial = functools.partial(with_more, "more")
    functools.update_wrapper(partial, function)
    return {
        "function": function,
        "async": asynchronous,
        "**kwargs": by_keywords(function),
        "*args, **kwargs": by_anything(function),
        "async *args, **kwargs": async_by_anything(function),
        "decorated twice": by_keywords(by_anything(function)),
        "object": Called(body),
        "bound method": Called(body).method,
        "decorated method": Called(body).decorated,
        "partial": partial,
    }


def with_request(body: Endpoint) -> Dict[str, Endpoint]:
    """Return callables of a request and the path's values, by kind."""

    def function(anything: Any, one: Any, two: Any) -> Any:
        return body(anything, one, two)

    async def asynchronous(anything: Any, one: Any, two: Any) -> Any:
        return body(anything, one, two)

    def request_and_more(request: Any, *args: Any, **kwargs: Any) -> Any:
        assert args == ()
        return body(request, **kwargs)

    class Called(Object):
        def __call__(self, anything: Any, one: Any, two: Any) -> Any:
            return body(anything, one, two)

        def method(self, anything: Any, one: Any, two: Any) -> Any:
            return body(anything, one, two)

        @by_anything
        def decorated(self, anything: Any, one: Any, two: Any) -> Any:
            return body(anything, one, two)

    @gives_a_user
    def with_user(request: Any, one: Any, two: Any, user: Any) -> Any:
        assert user == "ada"
        return body(request, one, two)

    def with_more(more: Any, anything: Any, one: Any, two: Any) -> Any:
        assert more == "more"
        return body(anything, one, two)

    partial = functools.partial(with_more, "more")
    functools.update_wrapper(partial, function)
    return {
        "function": function,
        "async": asynchronous,
        "request, *args, **kwargs": functools.wraps(function)(request_and_more),
        "*args, **kwargs": by_anything(function),
        "async *args, **kwargs": async_by_anything(function),
        "without wraps": untold(function),
        "given a user": with_user,
        "object": Called(body),
        "bound method": Called(body).method,
        "decorated method": Called(body).decorated,
        "partial": partial,
    }
