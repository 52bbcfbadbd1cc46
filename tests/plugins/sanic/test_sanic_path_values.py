"""The values of the path in Sanic's own app: text as it was sent, for whoever looks at it."""

from __future__ import annotations

from functools import wraps
from typing import Any, Dict, List

import pytest

from fenrir_sanic import HTTPMethodView, Sanic, text


def passing_on(function: Any) -> Any:
    async def wrapper(request: Any, *args: Any, **kwargs: Any) -> Any:
        return await function(request, *args, **kwargs)

    wrapper.__name__ = "wrapper"
    return wrapper


def wrapping(function: Any) -> Any:
    return wraps(function)(passing_on(function))


def plain(function: Any) -> Any:
    return function


@pytest.mark.parametrize("decorate", [plain, passing_on, wrapping])
@pytest.mark.parametrize(("options", "value"), [({}, "a%20b%2Fc"), ({"unquote": True}, "a b/c")])
def test_a_handler_gets_text_as_it_was_sent_however_it_is_decorated(
    decorate: Any, options: Dict[str, Any], value: str
) -> None:
    app = Sanic("values")

    async def show(request: Any, found: str) -> Any:
        return text(found)

    app.add_route(decorate(show), "/<found>", name="show", **options)
    assert app.test_client.get("/a%20b%2Fc")[1].text == value


def test_views_get_text_as_it_was_sent() -> None:
    class View(HTTPMethodView):
        async def get(self, request: Any, found: str) -> Any:
            return text(found)

    app = Sanic("values")
    app.add_route(View.as_view(), "/<found>")
    assert app.test_client.get("/%C3%BC")[1].text == "%C3%BC"


def test_middleware_sees_the_same_values_as_the_handler() -> None:
    app = Sanic("values")
    seen: List[Any] = []

    @app.on_request
    async def note(request: Any) -> None:
        seen.append(dict(request.match_info))

    @app.get("/<found>/<number:int>")
    async def show(request: Any, found: str, number: int) -> Any:
        seen.append({"found": found, "number": number})
        return text(repr(request.match_info == seen[0]))

    assert app.test_client.get("/a%20b/7")[1].text == "True"
    assert seen == [{"found": "a%20b", "number": 7}] * 2


@pytest.mark.parametrize(
    ("path", "value"), [("/", ""), ("/a", "a"), ("/a/b%20c/", "a/b%20c/"), ("/deep/", ""), ("/deep/a/end", "a")]
)
def test_a_path_may_be_empty(path: str, value: str) -> None:
    app = Sanic("values")

    async def show(request: Any, rest: str) -> Any:
        return text(f"[{rest}]")

    for number, template in enumerate(["/<rest:path>", "/deep/<rest:path>", "/deep/<rest:path>/end"]):
        app.add_route(show, template, name=f"show{number}")
    assert app.test_client.get(path)[1].text == f"[{value}]"


def test_a_route_of_its_own_goes_before_an_empty_path() -> None:
    app = Sanic("values")

    @app.get("/<rest:path>")
    async def other(request: Any, rest: str) -> Any:
        return text("rest")

    @app.get("/")
    async def index(request: Any) -> Any:
        return text("index")

    assert [app.test_client.get(path)[1].text for path in ("/", "/a")] == ["index", "rest"]
