# mypy: disallow-untyped-decorators=False
"""How the kernel and each paradigm write the handlers of the conformance checks."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any, AsyncIterator, Callable, Dict, Optional, Sequence, Tuple
from uuid import uuid4

from fenrir_core import App, BackgroundTasks, Fenrir, Request, Response, StreamingResponse, WebSocket
from fenrir_core.testing import ParadigmKit

Pairs = Sequence[Tuple[str, str]]
Make = Callable[[], AsyncIterator[bytes]]


def echoes(wrap: Callable[[Any], Any] = lambda value: value) -> Dict[str, Any]:
    """Return a handler for each path parameter that the checks use."""

    async def name(name: str) -> Any:
        return wrap({"value": name})

    async def count(count: int) -> Any:
        return wrap({"value": count})

    return {"name": name, "count": count}


def kernel_kit(name: str, make: Callable[..., App]) -> ParadigmKit:
    """Return the kit of the kernel's own decorators."""

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

    def headers(app: Any, path: str, pairs: Pairs) -> None:
        @app.get(path)
        async def give_headers() -> Any:
            return "ok", list(pairs)

    def stream(app: Any, path: str, make: Make) -> None:
        @app.get(path)
        async def give_stream() -> Response:
            return StreamingResponse(make())

    def background(app: Any, path: str, function: Callable[[], None]) -> None:
        @app.get(path)
        async def answer_first() -> Response:
            tasks = BackgroundTasks(app.run_in_thread)
            tasks.add_task(function)
            return Response(b"ok", background=tasks)

    def websocket(app: Any, path: str) -> None:
        @app.websocket(path)
        async def echo_messages(websocket: WebSocket) -> None:
            await websocket.accept()
            while True:
                await websocket.send_text(await websocket.receive_text())

    def inject(app: Any, path: str, default: Any) -> None:
        @app.get(path)
        async def give_value(value: Any = default) -> str:
            return str(value)

    def mix(app: Any, prefix: str, text: str) -> None:
        @app.get(prefix + "/hello")
        async def give_mixed() -> str:
            return text

    return ParadigmKit(
        name, make, text, echo, receive, call, blocking=call, headers=headers, stream=stream,
        background=background, websocket=websocket, inject=inject, mix=mix,
    )  # fmt: skip


def fastapi_kit() -> ParadigmKit:
    module = importlib.import_module("fenrir_fastapi")
    responses = importlib.import_module("fenrir_fastapi.responses")
    kit = kernel_kit("fastapi", module.FastAPI)

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

    def headers(app: Any, path: str, pairs: Pairs) -> None:
        async def give_headers(response: Any) -> str:
            for name, value in pairs:
                response.headers.append(name, value)
            return "ok"

        give_headers.__annotations__["response"] = module.Response
        app.get(path)(give_headers)

    def stream(app: Any, path: str, make: Make) -> None:
        @app.get(path)
        async def give_stream() -> Any:
            return responses.StreamingResponse(make())

    def background(app: Any, path: str, function: Callable[[], None]) -> None:
        async def answer_first(tasks: Any) -> str:
            tasks.add_task(function)
            return "ok"

        answer_first.__annotations__["tasks"] = module.BackgroundTasks
        app.get(path)(answer_first)

    def websocket(app: Any, path: str) -> None:
        async def echo_messages(websocket: Any) -> None:
            await websocket.accept()
            async for message in websocket.iter_text():
                await websocket.send_text(message)

        echo_messages.__annotations__["websocket"] = module.WebSocket
        app.websocket(path)(echo_messages)

    def inject(app: Any, path: str, default: Any) -> None:
        @app.get(path, response_class=responses.PlainTextResponse)
        async def give_value(value: str = default) -> str:
            return value

    def mix(app: Any, prefix: str, given: str) -> None:
        router = module.APIRouter()
        text(router, "/hello", given)
        app.include_router(router, prefix=prefix)

    return replace(
        kit, text=text, receive=receive, call=call, blocking=call, headers=headers, stream=stream,
        background=background, websocket=websocket, inject=inject, mix=mix,
    )  # fmt: skip


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

    def headers(app: Any, path: str, pairs: Pairs) -> None:
        @app.route(path, endpoint=path)
        def give_headers() -> Any:
            return "ok", list(pairs)

    def stream(app: Any, path: str, make: Make) -> None:
        @app.route(path, endpoint=path)
        async def give_stream() -> Any:
            return make()

    def inject(app: Any, path: str, default: Any) -> None:
        @app.route(path, endpoint=path)
        def give_value(value: Any = default) -> str:
            return str(value)

    def mix(app: Any, prefix: str, text: str) -> None:
        blueprint = module.Blueprint("mixed", __name__)
        blueprint.route("/hello")(lambda: text)
        app.register_blueprint(blueprint, url_prefix=prefix)

    return ParadigmKit(
        "flask", lambda **options: module.Flask(__name__, **options), text, echo, receive, call,
        blocking=call, headers=headers, stream=stream, inject=inject, mix=mix,
    )  # fmt: skip


def falcon_kit() -> ParadigmKit:
    module = importlib.import_module("fenrir_falcon")

    def add(app: Any, path: str, answer: Callable[[Any, Any, Any], Any], method: str = "get") -> None:
        class Resource:
            pass

        async def responder(self: Any, req: Any, resp: Any, **values: Any) -> None:
            found = answer(req, resp, values)
            found = await found if hasattr(found, "__await__") else found
            names: Dict[type, str] = {str: "text", bytes: "data"}
            if found is not None:
                setattr(resp, names.get(type(found), "media"), found)

        setattr(Resource, f"on_{method}", responder)
        app.add_route(path, Resource())

    def receive(app: Any, path: str) -> None:
        add(app, path, lambda req, resp, values: req.stream.read(), "post")

    def blocking(app: Any, path: str, function: Callable[[], str]) -> None:
        class Resource:
            def on_get(self, req: Any, resp: Any, **_: Any) -> None:
                resp.text = function()

        app.add_route(path, Resource())

    def headers(app: Any, path: str, pairs: Pairs) -> None:
        def append(req: Any, resp: Any, values: Any) -> str:
            for name, value in pairs:
                resp.append_header(name, value)
            return "ok"

        add(app, path, append)

    def stream(app: Any, path: str, make: Make) -> None:
        add(app, path, lambda req, resp, values: setattr(resp, "stream", make()))

    def background(app: Any, path: str, function: Callable[[], None]) -> None:
        add(app, path, lambda req, resp, values: resp.schedule_sync(function))

    def websocket(app: Any, path: str) -> None:
        class Resource:
            async def on_websocket(self, req: Any, ws: Any) -> None:
                await ws.accept()
                while True:
                    await ws.send_text(await ws.receive_text())

        app.add_route(path, Resource())

    def inject(app: Any, path: str, default: Any) -> None:
        class Resource:
            async def on_get(self, req: Any, resp: Any, value: Any = default) -> None:
                resp.text = str(value)

        app.add_route(path, Resource())

    return ParadigmKit(
        "falcon",
        module.App,
        lambda app, path, text: add(app, path, lambda req, resp, values: text),
        lambda app, path, name: add(app, path, lambda req, resp, values: {"value": values[name]}),
        receive,
        lambda app, path, function: add(app, path, lambda req, resp, values: function()),
        blocking=blocking,
        headers=headers,
        stream=stream,
        background=background,
        websocket=websocket,
        inject=inject,
        mix=lambda app, prefix, text: add(app, f"{prefix}/hello", lambda req, resp, values: text),
    )


def sanic_kit() -> ParadigmKit:
    module = importlib.import_module("fenrir_sanic")
    response = importlib.import_module("fenrir_sanic.response")

    def text(app: Any, path: str, text: str) -> None:
        @app.get(path, name=_name(path))
        async def give_text(request: Any) -> Any:
            return response.text(text)

    def echo(app: Any, path: str, name: str) -> None:
        @app.get(path, name=_name(path), unquote=True)  # else text is as it was sent
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

    def headers(app: Any, path: str, pairs: Pairs) -> None:
        @app.get(path, name=_name(path))
        async def give_headers(request: Any) -> Any:
            answer = response.text("ok")
            for name, value in pairs:
                answer.headers.add(name, value)
            return answer

    def stream(app: Any, path: str, make: Make) -> None:
        @app.get(path, name=_name(path))
        async def give_stream(request: Any) -> Any:
            async def write(answer: Any) -> None:
                async for chunk in make():
                    await answer.write(chunk)

            return response.ResponseStream(write)

    def websocket(app: Any, path: str) -> None:
        @app.websocket(path)
        async def echo_messages(request: Any, ws: Any) -> None:
            async for message in ws:
                await ws.send(message)

    def inject(app: Any, path: str, default: Any) -> None:
        @app.get(path, name=_name(path))
        async def give_value(request: Any, value: Any = default) -> Any:
            return response.text(str(value))

    def mix(app: Any, prefix: str, given: str) -> None:
        blueprint = module.Blueprint("mixed", url_prefix=prefix)
        text(blueprint, "/hello", given)
        app.blueprint(blueprint)

    return ParadigmKit(
        "sanic", lambda **options: module.Sanic(f"conformance-{uuid4()}", **options), text, echo, receive, call,
        blocking=None, headers=headers, stream=stream, websocket=websocket, inject=inject, mix=mix,
    )  # fmt: skip


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

    def headers(app: Any, path: str, pairs: Pairs) -> None:
        @app.route(path)
        def give_headers() -> str:
            for name, value in pairs:
                module.response.add_header(name, value)
            return "ok"

    return ParadigmKit("bottle", module.Bottle, text, echo, receive, call, blocking=call, headers=headers)


def _name(path: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in path)


def kernel(**options: Any) -> App:
    """Make an app of the kernel's own."""
    return App(**{"paradigms": (), "autoload": False, **options})


KITS: Dict[str, Callable[[], ParadigmKit]] = {
    "kernel": lambda: kernel_kit("kernel", kernel),
    "hybrid": lambda: kernel_kit("hybrid", Fenrir),
    "fastapi": fastapi_kit,
    "flask": flask_kit,
    "falcon": falcon_kit,
    "sanic": sanic_kit,
    "bottle": bottle_kit,
}
#: What the handlers of a framework have no way to say, with the fields of the kit that stand for it.
WITHOUT: Dict[str, Tuple[str, ...]] = {
    "flask": ("background", "websocket"),
    # its plain functions run on the event loop, as they do on Sanic
    "sanic": ("background", "blocking"),
    # its handlers get the values of the path, and a hybrid app has no routes of it but those of a mounted app
    "bottle": ("background", "inject", "mix", "stream", "websocket"),
}
OPTIONAL: Tuple[str, ...] = ("background", "blocking", "headers", "inject", "mix", "stream", "websocket")
Field = Optional[Callable[..., Any]]
