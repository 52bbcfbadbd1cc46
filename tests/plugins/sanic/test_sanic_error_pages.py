"""Sanic's pages of 404 and 405, which are ready at the build where nothing can see how they are made."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Dict, List, Optional, Tuple

import pytest

from fenrir_core import NotFound as KernelNotFound
from fenrir_core.testing import Answer, Client
from fenrir_sanic import NotFound, Sanic, SanicException, json, text
from fenrir_sanic.errorpages import HTMLRenderer, TextRenderer
from fenrir_sanic.handlers import ErrorHandler
from fenrir_sanic.request import Request


class Rendering(ErrorHandler):
    """Sanic's own handler in all but the type, for which no page is ready."""


def make(name: str = "app", **options: Any) -> Sanic:
    app = Sanic(name, **options)

    @app.get("/known")
    async def known(request: Any) -> Any:
        return text("known")

    return app


def ask(app: Any, path: str = "/none", method: str = "GET", **options: Any) -> Answer:
    async def go() -> Answer:
        async with Client(app) as client:
            return await client.request(method, path, **options)

    return asyncio.run(go())


def told(answer: Answer) -> Tuple[int, List[Tuple[bytes, bytes]], bytes]:
    return answer.status, answer.headers.raw, answer.body


ACCEPTS = [
    None,
    "*/*",
    "text/html",
    "application/json",
    "text/plain",
    "image/png",
    "",
    "broken",
    "text/*;q=0.1, */*;q=0",
]
PATHS = ["/none", "/a%20b", "/%3Cscript%3E&'\"", "/n%C3%A4h?a=%3C", "/%00%0A", "/a%2Fb"]


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize("fallback", ["auto", "html", "json", "text"])
def test_a_ready_page_is_the_one_that_the_handler_renders(accept: Optional[str], fallback: str) -> None:
    apps = make(), make("rendering", error_handler=Rendering())
    headers = {} if accept is None else {"accept": accept}
    for app in apps:
        app.config.FALLBACK_ERROR_FORMAT = fallback
    for path in [*PATHS, "/known"]:
        for method in ("GET", "HEAD", "POST", "FOO"):
            ready, rendered = (told(ask(app, path, method, headers=headers)) for app in apps)
            assert ready == rendered, (method, path)


@pytest.mark.parametrize(
    "sent", [{"json": {"a": 1}}, {"form": {"a": "1"}}, {"body": b"{", "headers": {"content-type": "application/json"}}]
)
def test_the_format_follows_the_content_type_that_was_sent(sent: Dict[str, Any]) -> None:
    ready, rendered = (
        told(ask(app, "/known", "POST", **sent)) for app in (make(), make("rendering", error_handler=Rendering()))
    )
    assert ready == rendered


def test_debug_mode_does_not_change_the_page_of_an_unknown_path() -> None:
    assert told(ask(make("debugged", settings={"debug": True}))) == told(ask(make()))


def test_405_names_the_methods() -> None:
    answer = ask(make(), "/known", "POST")
    assert (answer.status, answer.headers["allow"]) == (405, "GET")
    assert answer.text.endswith("Method POST not allowed for URL /known\n\n")


@pytest.mark.parametrize("kind", [NotFound, SanicException, Exception])
def test_a_handler_that_is_registered_while_the_app_serves_gets_sanics_exception(kind: Any) -> None:
    app = make()

    async def go() -> Tuple[str, str]:
        async with Client(app) as client:
            before = await client.get("/none")

            @app.exception(kind)
            async def handle(request: Any, exception: Any) -> Any:
                return text(f"{type(exception).__name__}: {exception}", 404)

            return before.text, (await client.get("/none")).text

    before, after = asyncio.run(go())
    assert "404" in before and after == "NotFound: Requested URL /none not found"


def test_a_signal_of_exceptions_gets_sanics_exception() -> None:
    app, seen = make(), []

    @app.signal("http.lifecycle.exception")
    async def report(request: Any, exception: Any) -> None:
        seen.append((type(exception).__name__, request.path))

    ask(app)
    assert seen == [("NotFound", "/none")]


def test_request_middleware_may_answer_an_unknown_path() -> None:
    app = make()

    @app.on_request
    async def stop(request: Any) -> Any:
        return text(f"stopped at {request.path}", 403)

    assert ask(app).text == "stopped at /none"


def test_the_format_follows_a_body_that_middleware_has_read() -> None:
    app = make()

    @app.on_request
    async def read(request: Any) -> None:
        await request.receive_body()

    with pytest.warns(DeprecationWarning, match="determined by the JSON content"):
        answer = ask(app, "/known", "POST", body=b'{"a": 1}')
    assert answer.headers["content-type"] == "application/json"


def test_the_format_follows_an_accept_header_that_middleware_has_set() -> None:
    app = make()

    @app.on_request
    async def prefer(request: Any) -> None:
        request.headers["accept"] = "application/json"

    assert ask(app).json() == {"description": "Not Found", "status": 404, "message": "Requested URL /none not found"}


def test_response_middleware_gets_the_page_and_may_change_it() -> None:
    app = make()

    @app.on_response
    async def mark(request: Any, response: Any) -> None:
        response.headers["x-length"] = len(response.body)
        response.headers["x-path"] = request.path
        response.body += b"!"

    answer, again = ask(app), ask(app)
    assert (answer.headers["x-length"], answer.headers["x-path"]) == (str(len(answer.body) - 1), "/none")
    assert told(again) == told(answer)


def test_response_middleware_may_change_the_value_of_a_json_page() -> None:
    app = make()

    @app.on_response
    async def mark(request: Any, response: Any) -> None:
        response.update({"path": request.path})

    answer = ask(app, headers={"accept": "application/json"})
    assert answer.json()["path"] == "/none" and answer.json()["status"] == 404


def test_a_request_class_of_the_apps_own_says_which_url_it_was() -> None:
    class Renamed(Request):
        @property
        def path(self) -> str:
            return "/renamed"

    assert "/renamed" in ask(make(request_class=Renamed)).text


def test_the_base_renderer_serves_who_accepts_none_of_the_formats() -> None:
    class Short(TextRenderer):
        OUTPUT_TEXT = "{title}: {text}"

    headers = {"accept": "image/png"}
    assert ask(make(error_handler=ErrorHandler(base=Short)), headers=headers).text.endswith(
        ": Requested URL /none not found"
    )
    html = ask(make("html", error_handler=ErrorHandler(base=HTMLRenderer)), headers=headers)
    assert html.headers["content-type"] == "text/html; charset=utf-8"


def test_noisy_exceptions_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    app = make()
    app.config.NOISY_EXCEPTIONS = True
    with caplog.at_level(logging.ERROR, "sanic.error"):
        ask(app)
    assert "Exception occurred while handling uri: 'http://test/none'" in caplog.text


def test_the_choice_of_the_format_is_told_at_the_level_debug(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "sanic.root"):
        ask(make())
    assert "Error Page: The client accepts */*, using 'text' from any" in caplog.text


def test_a_kernels_404_of_a_handler_has_the_format_of_its_route() -> None:
    app = make()

    @app.get("/lost", error_format="json")
    async def lost(request: Any) -> Any:
        raise KernelNotFound()

    assert ask(app, "/lost").json()["status"] == 404


def test_a_handler_may_return_none_for_the_page() -> None:
    app = make()
    app.exception(NotFound)(lambda request, exception: None)
    assert told(ask(app)) == told(ask(make("other")))


def test_a_page_that_is_rendered_by_hand_is_of_the_handler() -> None:
    class Own(ErrorHandler):
        def default(self, request: Any, exception: Any) -> Any:
            return json({"own": str(exception)}, 404)

    assert ask(make(error_handler=Own())).json() == {"own": "Requested URL /none not found"}
