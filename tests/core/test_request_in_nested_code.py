"""Every handler has the context of its request, wherever in its code the request is used."""

from __future__ import annotations

from typing import Any, Dict

import pytest
from tests.asgi import fetch

import fenrir_flask
from fenrir import Fenrir, request


async def by_lambda() -> Any:
    return (lambda: request.path)()


async def by_inner_function() -> Any:
    def inner() -> str:
        return request.path

    return inner()


async def by_generator_expression() -> Any:
    return "".join(request.path for _ in "a")


async def by_list() -> Any:
    return [request.path for _ in "a"]


async def by_set() -> Any:
    return {request.path for _ in "a"}


async def by_dict() -> Any:
    return {request.path + mark: 1 for mark in "a"}


async def by_nested_lambda() -> Any:
    return (lambda: (lambda: [request.path for _ in "a"])())()


async def by_import() -> Any:
    from fenrir import request as imported

    return imported.path


class Outer:
    """A class whose method names nothing but itself."""

    async def by_attribute(self) -> Any:
        return self.path  # type: ignore[attr-defined]

    @property
    def path(self) -> str:
        return request.path


def by_closure() -> Any:
    seen = request

    async def handler() -> Any:
        return seen.path

    return handler


HANDLERS: Dict[str, Any] = {
    handler.__name__: handler
    for handler in (
        by_lambda, by_inner_function, by_generator_expression, by_list, by_set, by_dict, by_nested_lambda, by_import,
        Outer().by_attribute,
    )
}  # fmt: skip
HANDLERS["closure"] = by_closure()


@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_that_looks_at_the_request_has_one(name: str) -> None:
    app = Fenrir(paradigms=["flask"])
    app.get("/site", name=name)(HANDLERS[name])
    answer = fetch(app, "GET", "/site")
    assert (answer.status, "/site" in answer.text) == (200, True)


@pytest.mark.parametrize("value", ["text", 7, {"a": 1}, None])
def test_a_handler_that_names_nothing_is_served(value: Any) -> None:
    sources = {"text": "'text'", "7": "7", "{'a': 1}": "{'a': 1}", "None": "None"}
    space: Dict[str, Any] = {}
    exec(f"async def handler():\n    return {sources[str(value)]}", space)
    app = Fenrir()
    app.get("/")(space["handler"])
    assert fetch(app).status == 200


def test_a_flask_view_that_names_nothing_is_served() -> None:
    app = fenrir_flask.Flask(__name__)

    async def view(number: int) -> Any:
        return "text"

    app.add_url_rule("/<int:number>", view_func=view)
    assert fetch(app, "GET", "/7").text == "text"
