"""What an error handler returns, in the hybrid app."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fenrir_core import Fenrir, Response, ReturnHandler, Route, hookimpl
from fenrir_core.testing import Client, make_app


class Shouting:
    """A plugin with a rule of its own for what routes return."""

    @hookimpl
    def fenrir_make_return_handler(self, route: Route) -> Any:
        return ReturnHandler(lambda request, value: Response(f"{value}!".upper(), 201))


def failing(app: Fenrir) -> Fenrir:
    @app.get("/", status=201)
    def handler() -> None:
        raise KeyError("x")

    @app.exception_handler(KeyError)
    def missing(connection: Any, error: BaseException) -> Any:
        return {"missing": True}, 410

    return app


@pytest.mark.parametrize("plugins", [[], [Shouting()]])
def test_a_hybrid_error_handler_answers_by_the_apps_table_whatever_the_routes_rule(plugins: Any) -> None:
    async def go() -> None:
        async with Client(failing(make_app(plugins))) as client:
            answer = await client.get("/")
        assert (answer.status, answer.json()) == (410, {"missing": True})

    asyncio.run(go())
