"""What plugins say of the inputs of routes, in the OpenAPI document of every class of apps."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Dict, List

import pytest

import fenrir_bottle
import fenrir_falcon.asgi
import fenrir_fastapi
import fenrir_flask
import fenrir_sanic
from fenrir_core import (
    App,
    BuildError,
    Call,
    Encoder,
    Fenrir,
    OpenAPIPart,
    Provide,
    Resolver,
    Route,
    RouteHook,
    hookimpl,
)
from fenrir_core.authoring import CompiledRoute
from fenrir_fastapi.openapi.document import openapi


class User:
    """What a parameter is annotated with."""


class Page:
    """Another one."""


class Money:
    """A type with an encoder."""


BEARER = {"bearer": {"type": "http", "scheme": "bearer"}}
SECURED = {"security": [{"bearer": []}], "components": {"securitySchemes": BEARER}}
PAGE: Dict[str, Any] = {
    "parameters": [
        {"name": "page", "in": "query", "schema": {"$ref": "#/$defs/Number", "$defs": {"Number": {"type": "integer"}}}}
    ],
    "responses": {416: {"description": "No such page"}},
}
NUMBER = {"name": "page", "in": "query", "schema": {"$ref": "#/components/schemas/Number"}}


def plugin(**hooks: Any) -> Any:
    return SimpleNamespace(__name__="mine", **{name: hookimpl(function) for name, function in hooks.items()})


def fenrir_make_resolver(param: Any) -> Any:
    if param.annotation is User:
        return Provide(User, openapi=SECURED)
    return Resolver(lambda connection: Page(), openapi=PAGE) if param.annotation is Page else None


MINE = plugin(fenrir_make_resolver=fenrir_make_resolver)


async def items(user: User, page: Page) -> List[str]:
    """Return the items of a page."""
    return []


async def items_sanic(request: Any, user: User, page: Page) -> Any:
    """Return the items of a page."""


class Items:
    async def on_get(self, req: Any, resp: Any, user: User, page: Page) -> None:
        """Return the items of a page."""


class Application(App):
    """The app class of a paradigm that is no part of this repository."""

    paradigm = None

    def at(self, path: str, function: Any) -> None:
        self.register(self.make_route(path, function))


def make(kind: str, *plugins: Any) -> Any:
    """Return an app of a class with the route ``/items``."""
    if kind == "third":
        app: Any = Application(paradigms=(), plugins=[MINE, *plugins], autoload=False)
        app.at("/items", items)
    elif kind == "falcon":
        app = fenrir_falcon.asgi.App(plugins=[MINE, *plugins])
        app.add_route("/items", Items())
    else:
        classes: Dict[str, Any] = {
            "fastapi": fenrir_fastapi.FastAPI,
            "hybrid": lambda **options: Fenrir(autoload=False, **options),
            "flask": lambda **options: fenrir_flask.Flask("shop", **options),
            "sanic": lambda **options: fenrir_sanic.Sanic("shop", **options),
            "bottle": fenrir_bottle.Bottle,
        }
        app = classes[kind](plugins=[MINE, *plugins])
        app.get("/items")(items_sanic if kind == "sanic" else items)
    return app


@pytest.mark.parametrize("kind", ["hybrid", "fastapi", "flask", "falcon", "sanic", "bottle", "third"])
def test_the_document_of_each_class_has_what_resolvers_and_dependencies_read(kind: str) -> None:
    document = openapi(make(kind))
    operation = document["paths"]["/items"]["get"]
    assert operation["security"] == [{"bearer": []}]
    assert operation["parameters"] == [NUMBER]
    assert operation["responses"]["416"] == {"description": "No such page"}
    assert document["components"] == {"schemas": {"Number": {"type": "integer"}}, "securitySchemes": BEARER}
    assert document["info"]["title"]


def test_a_dependency_that_is_not_passed_and_one_of_a_dependency_are_described() -> None:
    def fenrir_dependencies(route: Any) -> Any:
        yield Provide(User, openapi=SECURED)

    async def paged(page: Page) -> Page:
        return page

    mine = plugin(fenrir_make_resolver=fenrir_make_resolver, fenrir_dependencies=fenrir_dependencies)
    app: Any = fenrir_fastapi.FastAPI(plugins=[mine])

    @app.get("/")
    async def index(page: Any = fenrir_fastapi.Depends(paged)) -> None:
        """Take a page."""

    operation = app.openapi()["paths"]["/"]["get"]
    assert (operation["security"], operation["parameters"]) == ([{"bearer": []}], [NUMBER])


def test_a_guard_says_what_it_reads_of_the_routes_that_it_is_before() -> None:
    def fenrir_route_hooks(route: Any) -> Any:
        if route.path == "/guarded":
            yield RouteHook("guard", before=Call.of(lambda connection: None), openapi=SECURED)

    app: Any = fenrir_fastapi.FastAPI(plugins=[plugin(fenrir_route_hooks=fenrir_route_hooks)])
    for path in ("/guarded", "/open"):
        app.get(path)(lambda: None)
    paths = app.openapi()["paths"]
    assert paths["/guarded"]["get"]["security"] == [{"bearer": []}]
    assert "security" not in paths["/open"]["get"]
    assert app.openapi()["components"]["securitySchemes"] == BEARER


def test_what_the_route_says_itself_comes_first() -> None:
    app: Any = fenrir_fastapi.FastAPI(plugins=[MINE])

    @app.get("/", responses={416: {"description": "Own"}})
    async def index(number: Page, page: str) -> None:
        """Take both."""

    operation = app.openapi()["paths"]["/"]["get"]
    (parameter,) = operation["parameters"]
    assert (parameter["schema"]["type"], operation["responses"]["416"]["description"]) == ("string", "Own")


def test_routes_that_do_not_use_it_are_not_described_by_it() -> None:
    app: Any = make("hybrid")
    app.get("/plain")(lambda: {})
    operation = app.openapi()["paths"]["/plain"]["get"]
    assert "security" not in operation and "parameters" not in operation


def test_an_encoder_without_schema_leaves_the_answer_open() -> None:
    mine = plugin(fenrir_encoders=lambda: [Encoder(Money, lambda value: 1)])
    app: Any = fenrir_fastapi.FastAPI(plugins=[mine])

    @app.get("/")
    async def index() -> Money:
        return Money()

    content = app.openapi()["paths"]["/"]["get"]["responses"]["200"]["content"]
    assert content == {"application/json": {"schema": {"title": "Response Index  Get"}}}


@pytest.mark.parametrize("kind", ["flask", "hybrid"])
def test_an_annotated_answer_with_an_encoder_has_its_schema(kind: str) -> None:
    mine = plugin(fenrir_encoders=lambda: [Encoder(Money, lambda value: 1, lambda kind: {"type": "integer"})])
    app: Any = fenrir_flask.Flask("shop", plugins=[mine]) if kind == "flask" else Fenrir(plugins=[mine], autoload=False)

    def index() -> Money:
        return Money()

    app.get("/")(index)
    schema = openapi(app)["paths"]["/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["type"] == "integer"


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (lambda kind: "integer", "`schema` of the encoder of Money returned 'integer'; it must return a JSON schema."),
        (lambda kind: {}["x"], "`schema` of the encoder of Money failed: KeyError: 'x'"),
    ],
)
def test_a_schema_that_is_none_is_told_with_its_type(schema: Any, message: str) -> None:
    mine = plugin(fenrir_encoders=lambda: [Encoder(Money, lambda value: 1, schema)])
    app: Any = fenrir_fastapi.FastAPI(plugins=[mine])

    @app.get("/")
    async def index() -> Money:
        return Money()

    with pytest.raises(BuildError) as error:
        app.openapi()
    assert message in str(error.value)


def test_a_part_that_fails_is_told_with_its_plugin_and_the_route() -> None:
    def operation(operation: Dict[str, Any], route: Route) -> None:
        raise KeyError("x-thing")

    mine = plugin(fenrir_openapi_parts=lambda: [OpenAPIPart("things", operation)])
    app: Any = fenrir_fastapi.FastAPI(plugins=[mine])

    @app.get("/here")
    async def index() -> None:
        """Do nothing."""

    with pytest.raises(RuntimeError, match=r"OpenAPIPart 'things' of the plugin mine failed for .*:\d+: .* /here\."):
        app.openapi()


@pytest.mark.parametrize("kind", ["hybrid", "fastapi", "flask", "falcon", "sanic", "bottle", "third"])
def test_a_part_is_given_the_endpoint_and_what_fills_its_parameters(kind: str) -> None:
    found: Dict[str, Any] = {}

    def operation(operation: Dict[str, Any], route: Route, compiled: CompiledRoute) -> None:
        if route.path == "/items":
            filled = {item.param.name: (item.by.plugin, item.resolver) for item in compiled.plan.root.inputs}
            found.update(filled, endpoint=compiled.plan.root.call.function)

    part = plugin(fenrir_openapi_parts=lambda: [OpenAPIPart("things", operation)])
    part.__name__ = "things"
    app = make(kind, part)
    openapi(app)
    assert found["endpoint"] is next(item.endpoint for item in app.built_routes if item.path == "/items")
    assert found["user"][1].function is User
    assert found["user"][0] == "mine"
