"""Security headers and `Secure` cookies: on every answer, and never in the place of what the app has set."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any, Dict, List

import pytest
from tests.plugins.security.apps import APPS, add, ask, drive, each_class, make, say, under_tls

from fenrir import Fenrir, render_template_string
from fenrir_bottle import template
from fenrir_core import BuildError, HTMLResponse, Middleware, Request, Response, StreamingResponse, WebSocket, hookimpl
from fenrir_core.testing import Answer, Client, Refused
from fenrir_fastapi import FastAPI
from fenrir_fastapi.staticfiles import StaticFiles
from fenrir_fastapi.templating import Jinja2Templates
from fenrir_security import SecurityHeaders, csp_nonce

PRESET = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "content-security-policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
}


def found_in(answer: Answer, *more: str) -> Dict[str, str]:
    return {name: answer.headers[name] for name in (*PRESET, *more) if name in answer.headers}


def fail() -> str:
    raise LookupError("broken")


@each_class
def test_every_answer_has_the_preset(paradigm: str) -> None:
    app = make(paradigm, security_headers=True)
    add(app, "/", "GET", say())
    add(app, "/broken", "GET", fail)
    answers = ask(app, ("GET", "/"), ("HEAD", "/"), ("GET", "/nowhere"), ("DELETE", "/"), ("GET", "/broken"))
    assert [answer.status for answer in answers][2:] == [404, 405, 500]
    assert [found_in(answer) for answer in answers] == [PRESET] * 5


@each_class
def test_transport_security_is_sent_under_tls_alone(paradigm: str) -> None:
    app = make(paradigm, security_headers=True)
    add(app, "/", "GET", say())
    (plain,), (encrypted,) = ask(app, ("GET", "/")), ask(under_tls(app), ("GET", "/"))
    assert "strict-transport-security" not in plain.headers
    assert encrypted.headers["strict-transport-security"] == "max-age=31536000"


def test_all_kinds_of_answers_have_them(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a file")
    app = Fenrir(security_headers=True)
    app.mount("/files", StaticFiles(directory=str(tmp_path)))

    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-inner", b"1")]})
        await send({"type": "http.response.body", "body": b"asgi"})

    def wsgi(environ: Any, start_response: Any) -> List[bytes]:
        start_response("200 OK", [])
        return [b"wsgi"]

    async def chunks() -> Any:
        yield "a"
        yield "b"

    app.mount("/asgi", asgi)
    app.mount_wsgi(wsgi, prefix="/wsgi")
    app.get("/stream")(lambda: StreamingResponse(chunks()))
    app.get("/slash/")(say())
    paths = ["/files/a.txt", "/asgi/x", "/wsgi/x", "/stream", "/slash"]
    answers = ask(app, *[("GET", path) for path in paths], ("GET", "/files/a.txt", {"range": "bytes=99-"}))
    assert [answer.status for answer in answers] == [200, 200, 200, 200, 308, 416]
    assert [found_in(answer) for answer in answers] == [PRESET] * 6


def test_what_other_middleware_answers_has_them() -> None:
    class Closed:
        def __init__(self, app: Any) -> None:
            pass

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body"})

    class Plugin:
        @hookimpl
        def fenrir_middleware(self) -> Any:
            yield Middleware("closed", Closed)

    app = Fenrir(security_headers=True, plugins=[Plugin()])
    app.get("/")(say())
    (answer,) = ask(app, ("GET", "/"))
    assert (answer.status, found_in(answer)) == (503, PRESET)


def test_a_refused_websocket_has_them() -> None:
    async def steps(client: Client) -> None:
        with pytest.raises(Refused) as refused:
            async with client.websocket("/nowhere"):
                pass
        assert found_in(refused.value.answer) == PRESET

    drive(steps, Fenrir(security_headers=True))


OWN = {
    "X-Content-Type-Options": "own",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "Content-Security-Policy": "default-src 'none'",
    "Strict-Transport-Security": "max-age=1",
}


def test_a_header_that_a_handler_sets_is_kept() -> None:
    app = Fenrir(security_headers=True)
    app.get("/")(lambda: Response("own", headers=OWN))
    (answer,) = ask(under_tls(app), ("GET", "/"))
    assert {name: answer.headers.getlist(name) for name in OWN} == {name: [value] for name, value in OWN.items()}


def test_a_header_of_a_mounted_app_is_kept_whatever_its_case() -> None:
    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        headers = [(name.encode(), value.encode()) for name, value in OWN.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})

    app = Fenrir(security_headers=True)
    app.mount("/in", asgi)
    (answer,) = ask(under_tls(app), ("GET", "/in/"))
    assert {name: answer.headers.getlist(name) for name in OWN} == {name: [value] for name, value in OWN.items()}


def test_a_mounted_app_with_headers_of_its_own_keeps_them() -> None:
    inner = FastAPI(security_headers=SecurityHeaders(frames="self", csp="default-src 'none'"))
    add(inner, "/", "GET", say())
    app = Fenrir(security_headers=True)
    app.mount("/in", inner)
    (answer,) = ask(app, ("GET", "/in/"))
    assert answer.headers.getlist("content-security-policy") == ["default-src 'none'; frame-ancestors 'self'"]
    assert answer.headers.getlist("x-frame-options") == ["SAMEORIGIN"]


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ({"content_type_options": False}, "x-content-type-options", None),
        ({"referrer_policy": None}, "referrer-policy", None),
        ({"frames": None}, "x-frame-options", None),
        ({"frames": None, "csp": None}, "content-security-policy", None),
        ({"csp": None}, "content-security-policy", "frame-ancestors 'none'"),
        ({"frames": ["https://a.example", "'self'"], "csp": None}, "x-frame-options", None),
        (
            {"frames": ["https://a.example", "'self'"], "csp": None},
            "content-security-policy",
            "frame-ancestors https://a.example 'self'",
        ),
        ({"opener_policy": None}, "cross-origin-opener-policy", None),
        ({"permissions_policy": "camera=()"}, "permissions-policy", "camera=()"),
        ({"hsts": None}, "strict-transport-security", None),
        ({"hsts": 60}, "strict-transport-security", "max-age=60"),
        (
            {"hsts": 63072000, "hsts_subdomains": True, "hsts_preload": True},
            "strict-transport-security",
            "max-age=63072000; includeSubDomains; preload",
        ),
        (
            {"csp": {"default-src": ["'self'"], "img-src": "*"}, "frames": None},
            "content-security-policy",
            "default-src 'self'; img-src *",
        ),
        ({"csp": "default-src 'self';", "csp_report_only": True}, "content-security-policy", None),
        (
            {"csp": "default-src 'self'; report-to main;", "csp_report_only": True},
            "content-security-policy-report-only",
            "default-src 'self'; report-to main; frame-ancestors 'none'",
        ),
    ],
)
def test_each_header_can_be_chosen(given: Dict[str, Any], name: str, value: Any) -> None:
    app = Fenrir(security_headers=given)
    app.get("/")(say())
    (answer,) = ask(under_tls(app), ("GET", "/"))
    assert answer.headers.get(name) == value


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"hsts_preload": True}, "hsts_preload needs hsts_subdomains"),
        ({"referrer_policy": "a\r\nb"}, "contains CR"),
        ({"csp": "default-src 'self'\nx"}, "contains LF"),
        ({"referer_policy": "same-origin"}, "referer_policy"),
        ("perhaps", "neither true nor false"),
    ],
)
def test_headers_that_can_not_be_sent_are_an_error_when_they_are_set(given: Any, told: str) -> None:
    with pytest.raises(BuildError, match=told):
        Fenrir(security_headers=given)


# ---------------------------------------------------------------- nonces

PAGE = '<script nonce="{{ csp_nonce() }}">1</script><style nonce="{{ csp_nonce() }}"></style>'


def nonces_of(answer: Answer) -> List[str]:
    """Return the nonces of the page and of the policy's two directives; the same one four times where all is right."""
    policy = answer.headers["content-security-policy"]
    return re.findall(r'nonce="([^"]+)"', answer.text) + re.findall(r"'nonce-([^']+)'", policy)


def check_nonces(app: Any) -> None:
    first, second = ask(app, ("GET", "/"), ("GET", "/"))
    for answer in (first, second):
        found = nonces_of(answer)
        assert len(found) == 4 and len(set(found)) == 1 and len(found[0]) >= 22
    assert nonces_of(first)[0] != nonces_of(second)[0]


@pytest.mark.parametrize("paradigm", ["fenrir", "flask"])
def test_flask_templates_have_a_nonce(paradigm: str) -> None:
    app = make(paradigm, security_headers=True)
    app.route("/")(lambda: render_template_string(PAGE))
    check_nonces(app)


@each_class
def test_bottle_templates_have_a_nonce(paradigm: str) -> None:
    app = make(paradigm, security_headers=True)
    add(app, "/", "GET", lambda: template(PAGE))
    if paradigm == "fastapi":  # where text is JSON
        app = make(paradigm, security_headers=True)
        app.get("/")(lambda: HTMLResponse(template(PAGE)))
    check_nonces(app)


def test_starlette_templates_have_a_nonce(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE)
    templates = Jinja2Templates(directory=str(tmp_path))
    app = FastAPI(security_headers=True)

    @app.get("/")
    async def page(request: Request) -> Any:
        return templates.TemplateResponse(request, "page.html")

    check_nonces(app)


def test_a_handler_can_call_it_as_a_function() -> None:
    app = Fenrir(security_headers=True)
    app.get("/")(lambda: f'<script nonce="{csp_nonce()}"></script><style nonce="{csp_nonce()}"></style>')
    check_nonces(app)


def test_a_policy_for_reports_has_the_nonce() -> None:
    app = Fenrir(security_headers={"csp_report_only": True})
    app.get("/")(lambda: csp_nonce())
    (answer,) = ask(app, ("GET", "/"))
    assert f"'nonce-{answer.text}'" in answer.headers["content-security-policy-report-only"]
    assert "content-security-policy" not in answer.headers


@pytest.mark.parametrize("settings", [{}, {"security_headers": {"csp": "default-src 'self'"}}])
def test_without_a_policy_that_names_it_there_is_no_nonce(settings: Dict[str, Any]) -> None:
    app = Fenrir(**settings)
    app.get("/")(lambda: csp_nonce())

    async def steps() -> None:
        async with Client(app) as client:
            with pytest.raises(RuntimeError, match="set security_headers=True or secure=True"):
                await client.get("/")

    asyncio.run(steps())


def test_a_nonce_that_is_first_asked_for_after_the_headers_is_an_error() -> None:
    told: List[str] = []
    app = Fenrir(security_headers=True)

    async def late() -> Any:
        yield "first"
        try:
            csp_nonce()
        except RuntimeError as error:
            told.append(str(error))

    app.get("/")(lambda: StreamingResponse(late()))
    ask(app, ("GET", "/"))
    assert len(told) == 1 and "Call csp_nonce() before the response starts" in told[0]


# ---------------------------------------------------------------- cookies

COOKIES = ["a=1", "b=2; Path=/; HttpOnly", "c=3; Secure", "d=4; secure; Path=/", "e=secure; SameSite=Lax", "f="]
SECURED = [
    "a=1; Secure",
    "b=2; Path=/; HttpOnly; Secure",
    *COOKIES[2:4],
    "e=secure; SameSite=Lax; Secure",
    "f=; Secure",
]


def with_cookies(app: Any) -> Any:
    app.get("/")(lambda: Response("", headers=[("set-cookie", line) for line in COOKIES]))
    return app


@pytest.mark.parametrize("settings", [{"secure_cookies": True}, {"secure": True}])
def test_cookies_are_secure_under_tls_and_never_weaker_than_set(settings: Dict[str, Any]) -> None:
    app = with_cookies(Fenrir(**settings))
    (plain,), (encrypted,) = ask(app, ("GET", "/")), ask(under_tls(app), ("GET", "/"))
    assert plain.headers.getlist("set-cookie") == COOKIES
    assert encrypted.headers.getlist("set-cookie") == SECURED


def test_without_the_setting_they_stay_as_they_are() -> None:
    (answer,) = ask(under_tls(with_cookies(Fenrir(security_headers=True))), ("GET", "/"))
    assert answer.headers.getlist("set-cookie") == COOKIES


@pytest.mark.parametrize("paradigm", ["fenrir", "flask"])
def test_the_session_cookie_is_secure(paradigm: str) -> None:
    from fenrir import session

    app = make(paradigm, secret_key="secret", secure_cookies=True)

    @app.route("/")
    def index() -> str:
        session["user"] = "ada"
        return "ok"

    (answer,) = ask(under_tls(app), ("GET", "/"))
    assert answer.headers["set-cookie"].endswith("; Secure")


def test_cookies_of_an_accepted_websocket_are_secure() -> None:
    sent: List[Any] = []
    app = Fenrir(secure_cookies=True, security_headers=True)

    @app.websocket("/ws")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept(headers=[("set-cookie", "a=1")])
        await websocket.close()

    async def recording(scope: Any, receive: Any, send: Any) -> None:
        async def noted(message: Any) -> None:
            sent.append(message)
            await send(message)

        await app(scope, receive, noted)

    async def steps(client: Client) -> None:
        async with client.websocket("/ws"):
            pass

    drive(steps, under_tls(recording))
    (accepted,) = [message for message in sent if message["type"] == "websocket.accept"]
    assert [(name.lower(), value) for name, value in accepted["headers"]] == [(b"set-cookie", b"a=1; Secure")]


# ---------------------------------------------------------------- on and off


@pytest.mark.parametrize("paradigm", APPS)
def test_one_line_switches_on_what_every_app_should_have(paradigm: str) -> None:
    app = make(paradigm, secure=True)
    add(app, "/", "GET POST", say())
    page, refused = ask(app, ("GET", "/"), ("POST", "/", {"origin": "https://evil.example"}))
    assert (found_in(page), refused.status, found_in(refused)) == (PRESET, 403, PRESET)


def test_a_part_that_is_switched_off_stays_off() -> None:
    app = Fenrir(secure=True, security_headers=False, csrf=False)
    app.post("/")(say())
    (answer,) = ask(app, ("POST", "/", {"origin": "https://evil.example"}))
    assert (answer.status, found_in(answer)) == (200, {})


def test_the_environment_switches_them_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENRIR_SECURE", "1")
    app = Fenrir()
    app.get("/")(say())
    (answer,) = ask(app, ("GET", "/"))
    assert found_in(answer) == PRESET


def test_off_there_is_no_middleware() -> None:
    app = Fenrir()
    app.build()
    assert [given.value.name for given in app.built.middleware if given.value.name == "security"] == []
