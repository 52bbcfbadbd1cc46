"""Planning: how annotations are resolved and parameters find what fills them."""

from __future__ import annotations

import asyncio
import functools
from types import SimpleNamespace
from typing import Any, Callable, Dict, List, Optional

import pytest

from fenrir_core import EMPTY, App, Connection, Param, Provide, Request, Route, WebSocket, hookimpl
from fenrir_core.testing import Answer, Client, make_app

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nowhere import Missing  # type: ignore[import-not-found]


def watching(seen: Dict[str, Param]) -> Any:
    """Make a plugin that notes every parameter that it is asked for."""

    @hookimpl
    def fenrir_make_resolver(param: Param) -> None:
        seen[param.name] = param

    return SimpleNamespace(__name__="watching", fenrir_make_resolver=fenrir_make_resolver)


def get(app: App, path: str) -> Answer:
    return asyncio.run(Client(app).get(path))


def planned(endpoint: Callable[..., Any], path: str = "/{item}") -> Dict[str, Param]:
    """Build an app with one route and give the parameters that plugins were asked for."""
    seen: Dict[str, Param] = {}
    app = make_app([watching(seen)])
    app.get(path, name="endpoint")(endpoint)
    app.build()
    return seen


def test_annotations_written_as_text_are_resolved() -> None:
    async def endpoint(item: Optional[int], request_: Request) -> str:
        return ""

    seen = planned(endpoint)
    assert seen["item"].annotation == Optional[int]
    assert seen["request_"].annotation is Request


def test_names_around_a_function_inside_a_function_are_known() -> None:
    class Pet:
        pass

    seen: Dict[str, Param] = {}
    app = make_app([watching(seen)])

    @app.get("/{item}")
    async def endpoint(item: List[Pet]) -> str:
        return ""

    app.build()
    assert seen["item"].annotation == List[Pet]


def test_an_annotation_that_can_not_be_resolved_stays_the_text_and_the_others_are_resolved() -> None:
    async def endpoint(item: int, other: Missing = None) -> str:
        return ""

    seen = planned(endpoint)
    assert seen["other"].annotation == "Missing"
    assert seen["item"].annotation is int


def test_a_parameter_tells_default_place_and_whether_it_is_in_the_path() -> None:
    async def endpoint(item: str, size: int = 3) -> str:
        return ""

    seen = planned(endpoint)
    assert (seen["item"].in_path, seen["item"].default, seen["item"].index) == (True, EMPTY, 0)
    assert (seen["size"].in_path, seen["size"].default, seen["size"].index) == (False, 3, 1)
    assert seen["size"].function is endpoint


class Greeter:
    """A callable object."""

    async def __call__(self, item: str) -> str:
        return f"object {item}"

    def method(self, item: str) -> str:
        return f"method {item}"


async def keyword(item: str, *, greeting: str = "?") -> str:
    return f"{greeting} {item}"


def decorated() -> Callable[..., Any]:
    async def inner(item: str) -> str:
        return f"inner {item}"

    @functools.wraps(inner)
    async def outer(*args: Any, **kwargs: Any) -> Any:
        return f"outer {await inner(*args, **kwargs)}"

    return outer


@pytest.mark.parametrize(
    ("endpoint", "text"),
    [
        (Greeter(), "object x"),
        (Greeter().method, "method x"),
        (functools.partial(keyword, greeting="partial"), "partial x"),
        (decorated(), "outer inner x"),
        (lambda item: f"lambda {item}", "lambda x"),
    ],
    ids=["object", "method", "partial", "decorated", "lambda"],
)
def test_every_kind_of_callable_is_called_with_what_it_asks_for(endpoint: Any, text: str) -> None:
    app = make_app()
    app.get("/{item}", name="endpoint")(endpoint)
    assert get(app, "/x").text == text


def test_the_connection_is_given_by_name_or_by_annotation() -> None:
    app = make_app()

    @app.get("/")
    async def endpoint(request, by_type: Request, by_base: Connection) -> Any:  # type: ignore[no-untyped-def]
        return [request is by_type, by_type is by_base]

    assert get(app, "/").json() == [True, True]


def test_a_websocket_handler_gets_its_connection_under_any_of_its_names() -> None:
    app = make_app()

    @app.websocket("/one")
    async def one(websocket) -> None:  # type: ignore[no-untyped-def]
        await websocket.accept()
        await websocket.send_text("one")

    @app.websocket("/two")
    async def two(ws: WebSocket) -> None:
        await ws.accept()
        await ws.send_text("two")

    async def test() -> Any:
        found = []
        for path in ("/one", "/two"):
            async with Client(app).websocket(path) as session:
                found.append(await session.receive())
        return found

    assert asyncio.run(test()) == ["one", "two"]


def test_plugins_are_told_the_route_and_its_options() -> None:
    routes: List[Route] = []

    @hookimpl
    def fenrir_make_resolver(param: Param, route: Route) -> Any:
        routes.append(route)
        return Provide(lambda: route.path) if param.name == "where" else None

    app = make_app([SimpleNamespace(__name__="mine", fenrir_make_resolver=fenrir_make_resolver)])

    @app.get("/here", status=201, name="place")
    async def endpoint(where: str) -> str:
        return where

    answer = get(app, "/here")
    assert (answer.status, answer.text) == (201, "/here")
    assert {(route.name, route.option("status")) for route in routes if not route.fallback} == {("place", 201)}
