"""The whole of a tiny paradigm: defaults that ask for dependencies and for numbers of the query."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, Callable, List

from fenrir_core import App, Batch, BatchField, InvalidInput, Provide, Resolver, Route, hookimpl
from fenrir_core.testing import Answer, Client


class Use:
    """A default that asks for a dependency: the whole of a tiny paradigm."""

    def __init__(self, function: Callable[..., Any], **options: Any) -> None:
        self.provide = Provide(function, **options)


class Number:
    """A default that asks for a number of the query; what is none is told with all others."""


def _read_numbers(pairs: Any, route: Route, build: Any) -> Resolver:
    names = [param.name for param, _ in pairs]

    def read(connection: Any) -> List[int]:
        wrong = [name for name in names if not connection.query.get(name, "").isdigit()]
        if wrong:
            raise InvalidInput(wrong)
        return [int(connection.query[name]) for name in names]

    return Resolver(read)


@hookimpl
def fenrir_make_resolver(param: Any) -> Any:
    if isinstance(param.default, Use):
        return param.default.provide
    return BatchField(Batch("numbers", _read_numbers)) if isinstance(param.default, Number) else None


def use(function: Callable[..., Any], **options: Any) -> Any:
    return Use(function, **options)


def number() -> Any:
    return Number()


TINY = SimpleNamespace(__name__="tiny", fenrir_make_resolver=fenrir_make_resolver)


def ask(app: App, *paths: str, method: str = "GET", **options: Any) -> List[Answer]:
    async def send() -> List[Answer]:
        async with Client(app, raise_errors=False) as client:
            return [await client.request(method, path, **options) for path in paths]

    return asyncio.run(send())
