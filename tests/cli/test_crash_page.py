"""The page that `fenrir run --dev` shows to browsers for an unhandled exception."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any, Dict

import httpx
import pytest

from fenrir import Fenrir
from fenrir_bottle import Bottle
from fenrir_cli.pages.crash import CrashPages
from fenrir_core import App
from fenrir_falcon import App as Falcon
from fenrir_fastapi import FastAPI
from fenrir_flask import Flask
from fenrir_sanic import Sanic

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
KINDS = ("kernel", "hybrid", "fastapi", "flask", "falcon", "sanic", "bottle")


def get(app: Any, path: str = "/", method: str = "GET", is_raised: bool = False, **headers: str) -> httpx.Response:
    """Send a request, as a browser that opens a page unless other headers are given."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(CrashPages(app, lambda: "state"), raise_app_exceptions=is_raised)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            given = {"accept": CHROME, **{name.replace("_", "-"): value for name, value in headers.items()}}
            return await client.request(method, path, headers=given)

    return asyncio.run(ask())


def fail() -> Any:
    amount = "ten"
    return int(amount)


class Settings:
    def __repr__(self) -> str:
        return "Settings(debug=True, db_password='pw-in-repr', url='postgres://me:pw-in-url@db/x')"


def failing(kind: str, handler: Any = None) -> Any:
    """Return an app whose page fails, optionally with an error handler."""
    if kind == "falcon":
        return _failing_falcon(handler)
    make: Dict[str, Any] = {
        "kernel": lambda: App(paradigms=[]),
        "hybrid": Fenrir,
        "fastapi": FastAPI,
        "flask": lambda: Flask(__name__),
        "sanic": lambda: Sanic("test"),
        "bottle": Bottle,
    }
    app = make[kind]()

    def home(*_: Any) -> Any:
        return fail()

    def bare() -> Any:
        return fail()

    app.get("/")(home if kind == "sanic" else bare)
    if handler is not None:
        _register(app, kind, handler)
    return app


def _register(app: Any, kind: str, handler: Any) -> None:
    if kind == "bottle":
        app.error(500)(lambda error: handler())
    elif kind == "flask":
        app.errorhandler(500)(lambda error: handler())
    elif kind == "fastapi":
        from fenrir_fastapi.responses import HTMLResponse

        async def handle(request: Any, error: Exception) -> Any:
            return HTMLResponse(handler(), 500)

        app.exception_handler(Exception)(handle)
    elif kind == "sanic":
        from fenrir_sanic import html

        app.exception(Exception)(lambda request, error: html(handler(), 500))
    elif kind == "kernel":
        app.exception_handler(Exception)(lambda connection, error: handler())
    else:
        app.exception(Exception)(lambda request, error: handler())


def _failing_falcon(handler: Any) -> Any:
    class Home:
        def on_get(self, request: Any, response: Any) -> None:
            fail()

    def handle(request: Any, response: Any, error: Exception, params: Any) -> None:
        response.text = handler()

    app = Falcon()
    app.add_route("/", Home())
    if handler is not None:
        app.add_error_handler(Exception, handle)
    return app


@pytest.mark.parametrize("kind", KINDS)
def test_a_browser_is_shown_the_error_in_every_paradigm(kind: str) -> None:
    answer = get(failing(kind))
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert "ValueError" in answer.text
    assert "invalid literal for int() with base 10: &#x27;ten&#x27;" in answer.text
    assert re.search(r"test_crash_page\.py:\d+", answer.text)
    assert "<th>amount</th><td class=value>&#x27;ten&#x27;</td>" in answer.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_handler_of_the_apps_own_goes_first(kind: str) -> None:
    answer = get(failing(kind, lambda: "my own page"))
    assert "my own page" in answer.text
    assert "ValueError" not in answer.text


@pytest.mark.parametrize("kind", KINDS)
def test_the_error_is_logged_all_the_same(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    get(failing(kind))
    logged = [record for record in caplog.records if record.exc_info and record.exc_info[0] is ValueError]
    assert len(logged) == 1, caplog.text


@pytest.mark.parametrize(
    "headers",
    [
        {"accept": "*/*"},  # curl, fetch and most clients
        {"accept": "application/json"},
        {"accept": "application/json, text/html;q=0.9"},
        {"accept": "text/plain, text/html;q=0"},
        {"accept": ""},
        {"sec_fetch_mode": "cors"},
        {"x_requested_with": "XMLHttpRequest"},
    ],
)
def test_programs_are_given_the_apps_own_500(headers: Dict[str, str]) -> None:
    answer = get(failing("kernel"), **headers)
    assert (answer.status_code, answer.json()) == (500, {"detail": "Internal Server Error"})


def test_a_browser_says_itself_that_it_opens_a_page() -> None:
    assert "ValueError" in get(failing("kernel"), accept="*/*", sec_fetch_mode="navigate").text


def test_a_form_that_is_sent_is_answered_with_the_page_too() -> None:
    app = App(paradigms=[])

    @app.post("/")
    async def send() -> Any:
        return fail()

    answer = get(app, method="POST")
    assert "ValueError" in answer.text
    assert 'data-state="' not in answer.text  # a request that may not be repeated is not reloaded automatically


def test_errors_that_mean_a_status_stay_what_they_are() -> None:
    assert get(failing("kernel"), "/nowhere").json() == {"detail": "Not Found"}


def test_everything_of_the_request_and_the_error_is_escaped() -> None:
    app = App(paradigms=[])

    @app.get("/{name}")
    async def home(name: str) -> Any:
        raise LookupError("<script>alert('message')</script>")

    answer = get(app, "/<script>alert(1)<script>?q=<script>alert(2)</script>", x_name="<script>alert(3)</script>")
    assert answer.status_code == 500
    assert answer.text.count("<script") == 1  # the page's own
    assert "&lt;script&gt;alert(&#x27;message&#x27;)&lt;/script&gt;" in answer.text


def test_secrets_are_hidden_wherever_they_occur() -> None:
    app = App(paradigms=[])

    @app.get("/")
    async def home() -> Any:
        settings = Settings()
        api_key = "key-in-" + "variable"
        nested = {"user": "ada", "auth": {"access_token": "token-in-" + "dict"}, "pairs": [("secret", "pair" + "ed")]}
        copy_of_token = nested["auth"]["access_token"]  # type: ignore[index]
        raise RuntimeError(f"refused with {copy_of_token}", settings, api_key and "x")

    answer = get(
        app,
        "/?token=token-in-query&page=2",
        authorization="Bearer header-value",
        cookie="session=cookie-value",
    )
    for secret in (
        "pw-in-repr", "pw-in-url", "key-in-variable", "token-in-dict", "paired", "token-in-query", "header-value",
        "cookie-value",
    ):  # fmt: skip
        assert secret not in answer.text, secret
    assert "ada" in answer.text
    assert "page" in answer.text


class Client:
    def __init__(self, api_key: str) -> None:
        self.api_key = api_key

    def __repr__(self) -> str:
        return f"Client(api_key={self.api_key!r})"


def test_a_secret_that_is_known_by_one_name_is_hidden_under_every_other() -> None:
    app = App(paradigms=[])

    @app.get("/")
    async def home() -> Any:
        client, word = Client("sk-live-1234"), "sk-live-1234"
        return fail() if client and word else None

    assert "sk-live-1234" not in get(app).text


def test_a_secret_in_the_source_is_hidden() -> None:
    app = App(paradigms=[])

    @app.get("/")
    async def home() -> Any:
        password = "in-the-source"
        return int(password)

    answer = get(app)
    assert "in-the-source" not in answer.text
    assert "invalid literal for int()" in answer.text


def test_the_chain_of_exceptions_is_shown() -> None:
    app = App(paradigms=[])

    @app.get("/")
    async def home() -> Any:
        try:
            try:
                fail()
            except ValueError as error:
                raise LookupError("no such order") from error
        except LookupError:
            raise RuntimeError("while cleaning up")  # noqa: B904 - how that is shown is what counts

    parts = re.findall(r"<h1>(.*?)</h1>|<p class=relation>(.*?)</p>|<h3><code>(.*?)</code>", get(app).text)
    assert ["".join(part) for part in parts] == [
        "RuntimeError",
        "It was raised while this one was handled:",
        "LookupError",
        "Its cause:",
        "ValueError",
    ]


def test_the_compiled_route_and_its_steps_are_shown() -> None:
    app = Fenrir()

    @app.before_request
    def look() -> None:
        pass

    @app.get("/orders/<int:number>")
    def read_order(number: int) -> Any:
        return fail()

    answer = get(app, "/orders/7")
    assert "value = await" in re.sub(r"<[^>]+>", "", answer.text)  # a line of the compiled function
    assert "before_request look" in answer.text
    assert "<th>number</th><td class=value>7</td>" in answer.text


def test_nothing_comes_from_elsewhere_and_the_policy_says_so() -> None:
    answer = get(failing("kernel"))
    assert set(re.findall(r"""(?:src|href|action)=["']?([^"' >]*)""", answer.text)) == {"data:,"}
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"


def test_a_value_whose_repr_fails_does_no_harm() -> None:
    app = App(paradigms=[])

    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError("not now")

    @app.get("/")
    async def home() -> Any:
        broken = Broken()
        return fail() if broken else None

    assert "&lt;Broken, whose repr() raises RuntimeError&gt;" in get(app).text


def test_a_recursion_without_end_is_shown_in_part() -> None:
    app = App(paradigms=[])

    def again(depth: int) -> int:
        return again(depth + 1)

    @app.get("/")
    async def home() -> Any:
        return again(0)

    answer = get(app)
    assert "calls in the middle are left out" in answer.text
    assert len(answer.text) < 500_000


async def plain(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/late":
        await send({"type": "http.response.start", "status": 200, "headers": []})
    fail()


def test_what_an_app_of_another_make_raises_is_shown_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    answer = get(plain)
    assert answer.status_code == 500
    assert "amount" in answer.text
    assert [record.message for record in caplog.records] == ["GET / failed"]


def test_an_app_mounted_in_another_is_shown_too() -> None:
    app = App(paradigms=[])
    app.mount("/inner", plain)
    assert "amount" in get(app, "/inner/x").text


def test_programs_leave_the_error_of_an_app_of_another_make_to_the_server() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        get(plain, accept="*/*", is_raised=True)


def test_an_answer_that_has_begun_is_not_replaced() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        get(plain, "/late", is_raised=True)


def test_middleware_of_the_fastapi_app_sees_the_error_before_the_page_is_made() -> None:
    app = failing("fastapi")
    seen = []

    @app.middleware("http")
    async def watch(request: Any, call_next: Any) -> Any:
        try:
            return await call_next(request)
        except ValueError as error:
            seen.append(error)
            raise

    # what passed through all middleware goes on to the server, which logs it
    assert "amount" in get(app).text
    assert len(seen) == 1


def test_where_the_page_itself_fails_the_apps_own_500_is_given(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("fenrir_cli.pages.crash.crash_html", lambda *_: 1 / 0)
    caplog.set_level(logging.ERROR)
    assert get(failing("kernel")).json() == {"detail": "Internal Server Error"}
    assert "The page about an error could not be made" in caplog.text


def test_a_long_text_does_not_hold_the_page_up() -> None:
    app = App(paradigms=[])

    @app.get("/")
    async def home() -> Any:
        raise ValueError("x" * 3_000_000 + " password='p'")

    answer = get(app)
    assert "ValueError" in answer.text
    assert len(answer.text) < 300_000
