"""What views ask for explicitly is filled, whether compiled routes serve the app or its own methods do."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, AsyncIterator, Dict, Iterator, List, Optional, Type

import pytest
from tests.plugins.flask.asking import Ask

import fenrir_core
from fenrir import Depends
from fenrir_flask import Flask, abort, g, request
from fenrir_flask.views import MethodView


class Own(Flask):
    """An app that is served by its methods."""

    def dispatch_request(self, *args: Any) -> Any:
        return super().dispatch_request(*args)


class Calling(Flask):
    """An app that calls the views itself."""

    def dispatch_request(self, *args: Any) -> Any:
        if request.url_rule is None:
            abort(404)
        view = self.view_functions[request.url_rule.endpoint]
        return self.ensure_sync(view)(**(request.view_args or {}))


@pytest.fixture(params=[Flask, Own, Calling])
def app(request: Any) -> Flask:
    kind: Type[Flask] = request.param
    return kind(__name__, paradigms=("flask", "fastapi"))


def user() -> str:
    return "ada"


async def number() -> int:
    await asyncio.sleep(0)
    return 7


def test_dependencies_of_a_view_are_filled(app: Flask, ask: Ask) -> None:
    @app.route("/items/<int:item>")
    def show(item: int, name: str = Depends(user), count: int = Depends(number)) -> str:
        return f"{item} {name} {count}"

    assert ask(app, "/items/3").text == "3 ada 7"


def test_dependencies_of_an_asynchronous_view_are_filled(app: Flask, ask: Ask) -> None:
    @app.route("/")
    async def show(name: str = Depends(user), count: int = Depends(number)) -> str:
        await asyncio.sleep(0)
        return f"{name} {count}"

    assert ask(app).text == "ada 7"


def test_dependencies_of_a_method_view_are_filled(app: Flask, ask: Ask) -> None:
    class Item(MethodView):
        def get(self, item: int, name: str = Depends(user)) -> str:
            return f"{item} {name}"

        def post(self, item: int) -> str:
            return f"plain {item}"

    app.add_url_rule("/<int:item>", view_func=Item.as_view("item"))

    assert (ask(app, "/1").text, ask(app, "/1", "POST").text) == ("1 ada", "plain 1")


def test_a_view_that_asks_for_the_kernels_request_gets_it(app: Flask, ask: Ask) -> None:
    @app.route("/<name>")
    def show(name: str, kernel: fenrir_core.Request) -> str:
        return f"{kernel.path} {kernel.path_params['name']}"

    assert ask(app, "/a").text == "/a a"


def test_a_dependency_reads_the_body(app: Flask, ask: Ask) -> None:
    async def size(kernel: fenrir_core.Request) -> int:
        return len(await kernel.body())

    @app.post("/")
    def show(count: int = Depends(size)) -> str:
        return f"{count} {len(request.get_data())}"

    headers = {"Content-Type": "application/octet-stream"}
    body: Dict[str, Any] = {"data": b"12345"} if "wsgi" in ask.__name__ else {"body": b"12345"}
    assert ask(app, "/", "POST", headers=headers, **body).text == "5 5"


def test_synchronous_dependencies_run_in_the_thread_of_the_view(app: Flask, ask: Ask) -> None:
    def thread() -> Iterator[int]:
        yield threading.get_ident()
        ended.append(threading.get_ident())

    ended: List[int] = []

    @app.route("/")
    def show(number: int = Depends(number), own: int = Depends(thread)) -> str:
        ended.append(threading.get_ident())
        return str(own == threading.get_ident())

    assert ask(app).text == "True"
    assert len(ended) == 2 and len(set(ended)) == 1


@pytest.mark.parametrize("is_async", [False, True])
def test_a_dependency_with_yield_is_closed_after_the_view(app: Flask, ask: Ask, is_async: bool) -> None:
    seen: List[str] = []

    def opened() -> Iterator[str]:
        yield "open"
        seen.append("closed")

    async def opened_on_the_loop() -> AsyncIterator[str]:
        yield "open"
        await asyncio.sleep(0)
        seen.append("closed")

    @app.route("/")
    def show(found: str = Depends(opened_on_the_loop if is_async else opened)) -> str:
        seen.append("view")
        return found

    assert ask(app).text == "open"
    assert seen == ["view", "closed"]


def test_a_dependency_sees_the_error_of_the_view(app: Flask, ask: Ask) -> None:
    seen: List[Optional[str]] = []

    def guarded() -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            seen.append(str(error))
            raise KeyError("instead") from error

    app.register_error_handler(KeyError, lambda error: (f"handled {error}", 400))

    @app.route("/")
    def show(nothing: None = Depends(guarded)) -> str:
        raise ValueError("wrong")

    assert ask(app).status == 400
    assert seen == ["wrong"]


def test_an_error_of_a_dependency_is_handled(app: Flask, ask: Ask) -> None:
    def refuse() -> None:
        abort(403)

    @app.route("/")
    def show(nothing: None = Depends(refuse)) -> str:
        return "x"

    assert ask(app).status == 403


def test_dependencies_share_the_context_of_the_request(app: Flask, ask: Ask) -> None:
    def keep() -> str:
        g.kept = request.path
        return "kept"

    @app.route("/path")
    def show(how: str = Depends(keep)) -> str:
        return f"{how} {g.kept}"

    assert ask(app, "/path").text == "kept /path"


def test_an_override_of_a_dependency_takes_effect_at_once(app: Flask, ask: Ask) -> None:
    @app.route("/")
    def show(name: str = Depends(user)) -> str:
        return name

    before = ask(app).text
    app.dependency_overrides[user] = lambda: "eve"

    assert (before, ask(app).text) == ("ada", "eve")


def test_what_a_decorator_passes_is_not_filled(ask: Ask) -> None:
    class Passing(Flask):
        def dispatch_request(self, *args: Any) -> Any:
            return self.ensure_sync(self.view_functions["show"])(name="given")

    app = Passing(__name__, paradigms=("flask", "fastapi"))

    @app.route("/")
    def show(name: str = Depends(user)) -> str:
        return name

    assert ask(app).text == "given"


def test_dependencies_of_functions_around_a_view_are_filled(app: Flask, ask: Ask) -> None:
    ended: List[str] = []

    @app.before_request
    def before(name: str = Depends(user)) -> None:
        g.name = name

    @app.after_request
    def after(response: Any, name: str = Depends(user), count: int = Depends(number)) -> Any:
        response.headers["x-after"] = f"{name} {count}"
        return response

    @app.teardown_request
    def teardown(error: Optional[BaseException], name: str = Depends(user)) -> None:
        ended.append(name)

    app.add_url_rule("/", "index", lambda: g.name)
    found = ask(app)

    assert (found.text, found.headers["x-after"], ended) == ("ada", "ada 7", ["ada"])


def test_a_guard_with_a_dependency_refuses(app: Flask, ask: Ask) -> None:
    def nobody() -> None:
        return None

    @app.before_request
    def guard(who: Optional[str] = Depends(nobody)) -> Any:
        return None if who else ("no", 401)

    app.add_url_rule("/", "index", lambda: "secret")

    assert ask(app).status == 401


def test_dependencies_of_an_error_handler_are_filled(app: Flask, ask: Ask) -> None:
    @app.errorhandler(ValueError)
    def refuse(error: ValueError, name: str = Depends(user)) -> Any:
        return f"{error} {name}", 400

    @app.route("/")
    def show() -> str:
        raise ValueError("wrong")

    assert ask(app).text == "wrong ada"
