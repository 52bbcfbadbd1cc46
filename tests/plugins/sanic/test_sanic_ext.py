"""Our own extensions of Sanic's app, for where sanic-ext is not: dependencies, validation, CORS, OpenAPI."""

from __future__ import annotations

import json as json_module
from dataclasses import dataclass
from typing import Any, Dict

import pytest

from fenrir import Fenrir
from fenrir_sanic import Blueprint, HTTPMethodView, HTTPResponse, Request, Sanic, empty, json, text
from fenrir_sanic.ext import openapi, validate


class Database:
    def __init__(self, name: str) -> None:
        self.name = name


class Repository:
    def __init__(self, database: Database, request: Request, number: int) -> None:
        self.described = f"{database.name} {request.path} {number}"


async def connect() -> Database:
    return Database("main")


def test_a_dependency_is_made_of_others_the_request_and_the_path() -> None:
    app = Sanic("wired")
    app.ext.add_dependency(Database, connect)
    app.ext.add_dependency(Repository)

    @app.get("/<number:int>")
    async def home(request: Request, number: int, repository: Repository) -> HTTPResponse:
        return text(repository.described)

    assert app.test_client.get("/7")[1].text == "main /7 7"


def test_a_constant_fills_a_parameter_of_its_name() -> None:
    app = Sanic("constant")
    app.ext.add_constant("greeting", "hello")
    app.get("/")(lambda request, greeting: text(greeting))
    assert app.test_client.get("/")[1].text == "hello"


def test_a_constant_is_replaced_only_when_that_is_asked_for() -> None:
    app = Sanic("constants")
    app.ext.add_constant("Greeting", "hello")
    with pytest.raises(ValueError, match="'greeting' was added before"):
        app.ext.add_constant("Greeting", "hi")
    app.ext.add_constant("GREETING", "hi", overwrite=True)
    app.get("/")(lambda request, greeting: text(greeting))
    assert app.test_client.get("/")[1].text == "hi"


def test_extensions_are_set_up_once() -> None:
    app = Sanic("once")
    app.extend(config={"CORS_ORIGINS": "*"})
    assert app.config.CORS_ORIGINS == "*"
    with pytest.raises(RuntimeError, match="Cannot extend Sanic after"):
        app.extend()


@dataclass
class Order:
    number: int
    note: str = ""


def _orders() -> Any:
    app = Sanic("orders")

    @app.post("/")
    @validate(json=Order)
    async def order(request: Request, body: Order) -> HTTPResponse:
        return text(f"{type(body).__name__} {body.number}")

    @app.get("/<name>")
    @validate(query=Order)
    async def find(request: Request, name: str, query: Order) -> HTTPResponse:
        return text(f"{name} {query.number}")

    return app


def test_input_is_an_object_of_its_model() -> None:
    client = _orders().test_client
    assert client.post("/", json={"number": 7})[1].text == "Order 7"
    assert client.get("/a?number=8")[1].text == "a 8"


def test_input_that_does_not_fit_its_model_is_400() -> None:
    response = _orders().test_client.post("/", json={"other": 7})[1]
    assert (response.status, "Invalid request body: Order" in response.text) == (400, True)


def test_a_form_is_an_object_of_its_model() -> None:
    app = Sanic("forms")

    @app.post("/")
    @validate(form=Order)
    async def order(request: Request, body: Order) -> HTTPResponse:
        return text(f"{type(body).__name__} {body.number}")

    assert app.test_client.post("/", data={"number": "7"})[1].text == "Order 7"
    with pytest.raises(ValueError, match="both a form and json"):
        validate(json=Order, form=Order)


def test_a_pydantic_model_checks_the_body_and_describes_it() -> None:
    pydantic = pytest.importorskip("pydantic", minversion="2")
    model: Any = pydantic.create_model("Item", number=(int, ...))
    app = Sanic("models")

    @app.post("/")
    @validate(json=model)
    async def add(request: Request, body: Any) -> HTTPResponse:
        return text(f"{type(body).__name__} {body.number}")

    assert app.test_client.post("/", json={"number": "7"})[1].text == "Item 7"
    assert app.test_client.post("/", json={"number": "x"})[1].status == 400
    assert openapi.schema_of(model)["required"] == ["number"]


def test_a_body_that_is_no_object_is_400() -> None:
    response = _orders().test_client.post("/", json=[7])[1]
    assert (response.status, "expected an object, not list" in response.text) == (400, True)


def _shared(**more: Any) -> Any:
    app = Sanic("shared")
    config = {"CORS_ORIGINS": "https://a.example", "CORS_METHODS": ["GET", "PUT"], "CORS_MAX_AGE": 60}
    app.extend(config={**config, **more})
    app.get("/")(lambda request: empty())
    return app


def test_a_response_to_an_allowed_origin_is_marked() -> None:
    headers = _shared().test_client.get("/", headers={"origin": "https://a.example"})[1].headers
    assert (headers["access-control-allow-origin"], headers["vary"]) == ("https://a.example", "origin")


def test_a_marked_response_exposes_headers_and_takes_credentials() -> None:
    app = _shared(CORS_EXPOSE_HEADERS=["x-a", "x-b"], CORS_SUPPORTS_CREDENTIALS=True)
    headers = app.test_client.get("/", headers={"origin": "https://a.example"})[1].headers
    assert headers["access-control-expose-headers"] == "x-a, x-b"
    assert headers["access-control-allow-credentials"] == "true"


def test_a_response_to_another_origin_is_not_marked() -> None:
    headers = _shared().test_client.get("/", headers={"origin": "https://b.example"})[1].headers
    assert "access-control-allow-origin" not in headers


def test_a_preflight_request_is_answered() -> None:
    sent = {"origin": "https://a.example", "access-control-request-method": "PUT"}
    response = _shared().test_client.options("/", headers=sent)[1]
    assert response.status == 204
    assert response.headers["access-control-allow-methods"] == "GET, PUT"
    assert response.headers["access-control-max-age"] == "60"


@pytest.mark.parametrize(("allowed", "expected"), [({}, "x-c"), ({"CORS_ALLOW_HEADERS": "x-d"}, "x-d")])
def test_a_preflight_request_is_told_the_headers(allowed: Dict[str, Any], expected: str) -> None:
    sent = {"origin": "https://a.example", "access-control-request-method": "PUT"}
    sent["access-control-request-headers"] = "x-c"
    headers = _shared(**allowed).test_client.options("/", headers=sent)[1].headers
    assert headers["access-control-allow-headers"] == expected


def _operations(blueprint: Blueprint) -> Dict[str, Any]:
    app = Fenrir()
    app.blueprint(blueprint)
    found: Dict[str, Any] = json_module.loads(json_module.dumps(app.openapi()))["paths"]
    return found


def test_decorators_describe_operations() -> None:
    blueprint = Blueprint("described")

    @blueprint.post("/orders")
    @openapi.summary("Order")
    @openapi.tag("shop")
    @openapi.parameter("dry", bool)
    @openapi.body(Order)
    @openapi.response(201, Order, "Made")
    async def order(request: Request) -> HTTPResponse:
        return json({})

    @blueprint.get("/hidden")
    @openapi.exclude()
    async def hidden(request: Request) -> HTTPResponse:
        return json({})

    class Cart(HTTPMethodView):
        @openapi.deprecated
        async def get(self, request: Request) -> HTTPResponse:
            return json([])

    blueprint.add_route(Cart.as_view(), "/cart")
    found = _operations(blueprint)
    assert "/hidden" not in found
    assert found["/cart"]["get"]["deprecated"] is True
    operation = found["/orders"]["post"]
    assert (operation["summary"], operation["tags"]) == ("Order", ["shop"])
    assert operation["parameters"] == [{"name": "dry", "in": "query", "schema": {"type": "boolean"}}]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"] == {"number": {"type": "integer"}, "note": {"type": "string"}}
    assert operation["responses"]["201"]["description"] == "Made"


def test_yaml_in_a_docstring_describes_an_operation() -> None:
    pytest.importorskip("yaml")
    blueprint = Blueprint("documented")

    @blueprint.get("/<number:int>")
    @openapi.response(409, description="It is locked.")
    async def find(request: Request, number: int) -> HTTPResponse:
        """Find an order.

        By its number.

        openapi:
        ---
        tags: [shop]
        responses:
          404:
            description: There is none.
        """
        return json({})

    operation = _operations(blueprint)["/{number}"]["get"]
    assert (operation["summary"], operation["description"]) == ("Find an order.", "By its number.")
    assert operation["tags"] == ["shop"]
    assert operation["responses"]["404"] == {"description": "There is none."}
    assert operation["responses"]["409"] == {"description": "It is locked."}
