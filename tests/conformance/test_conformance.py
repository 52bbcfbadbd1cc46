# mypy: disallow-untyped-decorators=False
"""Run every paradigm through the conformance checks, also when no hook can be called any more."""

from __future__ import annotations

import asyncio
import importlib
from dataclasses import replace
from typing import Any, Callable, Dict

import pytest

from fenrir_core import App, Fenrir, Request
from fenrir_core.names import METHODS
from fenrir_core.testing import CONFORMANCE, Check, ParadigmKit, check_plugin, poison


def echoes(wrap: Callable[[Any], Any] = lambda value: value) -> Dict[str, Any]:
    """Give a handler for each path parameter that the checks use."""

    async def name(name: str) -> Any:
        return wrap({"value": name})

    async def count(count: int) -> Any:
        return wrap({"value": count})

    return {"name": name, "count": count}


def kernel_kit(name: str, make: Callable[..., App]) -> ParadigmKit:
    """Give the kit of the kernel's own decorators."""

    def text(app: Any, path: str, text: str) -> None:
        @app.get(path)
        async def give_text() -> str:
            return text

    def echo(app: Any, path: str, name: str) -> None:
        app.get(path)(echoes()[name])

    def receive(app: Any, path: str) -> None:
        @app.post(path)
        async def receive_body(request: Request) -> bytes:
            return await request.body()

    def call(app: Any, path: str, function: Callable[[], str]) -> None:
        @app.get(path)
        def call_function() -> str:
            return function()

    return ParadigmKit(name, make, text, echo, receive, call)


def fastapi_kit() -> ParadigmKit:
    module = importlib.import_module("fenrir_fastapi")
    responses = importlib.import_module("fenrir_fastapi.responses")
    kit = kernel_kit("fastapi", _maker(module.FastAPI))

    def text(app: Any, path: str, text: str) -> None:
        @app.get(path, response_class=responses.PlainTextResponse)
        async def give_text() -> str:
            return text

    def receive(app: Any, path: str) -> None:
        async def receive_body(request: Any) -> Any:
            return module.Response(await request.body())

        receive_body.__annotations__["request"] = module.Request
        app.post(path)(receive_body)

    def call(app: Any, path: str, function: Callable[[], str]) -> None:
        @app.get(path, response_class=responses.PlainTextResponse)
        def call_function() -> str:
            return function()

    return replace(kit, text=text, receive=receive, call=call)


def flask_kit() -> ParadigmKit:
    module = importlib.import_module("fenrir_flask")

    def text(app: Any, path: str, text: str) -> None:
        @app.route(path, endpoint=path)
        def give_text() -> str:
            return text

    def echo(app: Any, path: str, name: str) -> None:
        app.route(path, endpoint=path)(echoes()[name])

    def receive(app: Any, path: str) -> None:
        @app.route(path, methods=["POST"])
        def receive_body() -> Any:
            return module.request.get_data()

    def call(app: Any, path: str, function: Callable[[], str]) -> None:
        @app.route(path, endpoint=path)
        def call_function(**_: Any) -> str:
            return function()

    return ParadigmKit("flask", _maker(lambda: module.Flask(__name__)), text, echo, receive, call)


def falcon_kit() -> ParadigmKit:
    module = importlib.import_module("fenrir_falcon")

    def add(app: Any, path: str, answer: Callable[[Any, Any], Any], method: str = "get") -> None:
        class Resource:
            pass

        async def responder(self: Any, req: Any, resp: Any, **values: Any) -> None:
            found = answer(req, values)
            found = await found if hasattr(found, "__await__") else found
            names: Dict[type, str] = {str: "text", bytes: "data"}
            setattr(resp, names.get(type(found), "media"), found)

        setattr(Resource, f"on_{method}", responder)
        app.add_route(path, Resource())

    def receive(app: Any, path: str) -> None:
        add(app, path, lambda req, values: req.stream.read(), "post")

    return ParadigmKit(
        "falcon",
        _maker(module.App),
        lambda app, path, text: add(app, path, lambda req, values: text),
        lambda app, path, name: add(app, path, lambda req, values: {"value": values[name]}),
        receive,
        lambda app, path, function: add(app, path, lambda req, values: function()),
    )


def sanic_kit() -> ParadigmKit:
    module = importlib.import_module("fenrir_sanic")
    response = importlib.import_module("fenrir_sanic.response")

    def text(app: Any, path: str, text: str) -> None:
        @app.get(path, name=_name(path))
        async def give_text(request: Any) -> Any:
            return response.text(text)

    def echo(app: Any, path: str, name: str) -> None:
        @app.get(path, name=_name(path))
        async def give_value(request: Any, **values: Any) -> Any:
            return response.json({"value": values[name]})

    def receive(app: Any, path: str) -> None:
        @app.post(path)
        async def receive_body(request: Any) -> Any:
            return response.raw(request.body)

    def call(app: Any, path: str, function: Callable[[], str]) -> None:
        @app.get(path, name=_name(path))
        async def call_function(request: Any, **_: Any) -> Any:
            return response.text(function())

    return ParadigmKit("sanic", _maker(lambda: module.Sanic("conformance")), text, echo, receive, call)


def bottle_kit() -> ParadigmKit:
    module = importlib.import_module("fenrir_bottle")

    def text(app: Any, path: str, text: str) -> None:
        @app.route(path)
        def give_text() -> str:
            return text

    def echo(app: Any, path: str, name: str) -> None:
        app.route(path)(echoes()[name])

    def receive(app: Any, path: str) -> None:
        @app.route(path, method="POST")
        def receive_body() -> Any:
            return module.request.body.read()

    def call(app: Any, path: str, function: Callable[[], str]) -> None:
        @app.route(path)
        def call_function(**_: Any) -> str:
            return function()

    return ParadigmKit("bottle", _maker(module.Bottle), text, echo, receive, call)


def _maker(factory: Callable[[], Any]) -> Callable[..., Any]:
    """Make apps whose settings are set after the constructor, which is the paradigm's own."""

    def make(**settings: Any) -> Any:
        app = factory()
        app.settings.update(settings)
        return app

    return make


def _name(path: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in path)


KITS: Dict[str, Callable[[], ParadigmKit]] = {
    "kernel": lambda: kernel_kit("kernel", lambda **settings: App(paradigms=(), autoload=False, **settings)),
    "hybrid": lambda: kernel_kit("hybrid", Fenrir),
    "fastapi": fastapi_kit,
    "flask": flask_kit,
    "falcon": falcon_kit,
    "sanic": sanic_kit,
    "bottle": bottle_kit,
}


@pytest.fixture(params=sorted(KITS))
def kit(request: pytest.FixtureRequest) -> ParadigmKit:
    """Give the kit of each paradigm in turn."""
    return KITS[str(request.param)]()


@pytest.mark.parametrize("check", CONFORMANCE, ids=lambda check: check.__name__.strip("_"))
def test_a_paradigm_conforms(kit: ParadigmKit, check: Check) -> None:
    asyncio.run(check(kit))  # type: ignore[arg-type]


@pytest.mark.parametrize("check", CONFORMANCE, ids=lambda check: check.__name__.strip("_"))
def test_a_paradigm_conforms_when_every_hook_raises_after_the_build(kit: ParadigmKit, check: Check) -> None:
    asyncio.run(check(replace(kit, ready=poison)))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted({*METHODS.values()}))
def test_a_first_party_plugin_passes_the_check_for_plugins(name: str) -> None:
    check_plugin(f"fenrir_{name}.plugin")


def test_every_first_party_paradigm_has_a_kit() -> None:
    assert set(METHODS.values()) <= set(KITS)
